// Package returns brings messages that have waited to the queues of their routes.
//
// A message waits in a delay level of the broker (package topology). [Delay] publishes it
// there. What has waited comes to the queue penstock.return, which every deliverer and every
// program with package consume takes messages from:
//
//	mover, err := returns.New(returns.Options{Broker: cfg, Publisher: publisher, Consumer: consumer, …})
//	mover.Run(ctx)
//
// A [Mover] publishes each message to the queue that its header penstock-return-to names, and
// acknowledges it after the confirm. What is not due yet goes to another level, for what is
// left.
//
// # No route waits for another
//
// A mover has at most 16 messages of one queue in hand (lane.go). Those behind them wait in
// the process, and messages of other queues pass them. A queue that refuses, or does not
// answer, is shut (package fanout): its messages go to the route's deferred queue at once,
// and when that refuses too, to a delay level again (carry.go).
package returns
