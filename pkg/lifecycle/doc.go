// Package lifecycle stops a process in order.
//
// Whatever a process starts, it pushes onto a [Stack] together with the way to
// stop it. Close then stops everything in the opposite order, each step by its
// name, and never longer than its context allows:
//
//	var stack lifecycle.Stack
//	defer stack.Close(ctx)
//	stack.Push("broker connection", publisher.Close)
//	stack.Push("listener", server.Shutdown) // stopped first
//
// What has no way to stop but the end of its context gets one from [Background].
package lifecycle
