// Package receiver is an HTTP endpoint for trying things out: it takes
// webhooks, checks their signature, tells about each, and fails when told to.
//
//	r, err := receiver.New(receiver.Options{Secrets: secrets, Report: printer.Print})
//	…
//	err = receiver.Serve(ctx, listener, r)
//
// It answers 200 to what it takes, 401 to what is not signed with one of the
// secrets, and what [Failure] says while that applies. GET /healthz is answered
// 200 and not reported.
package receiver
