// Package bench sends many requests at a steady rate, and measures how long the
// answers take.
//
//	result, err := bench.Run(ctx, bench.Options{Rate: 200, Duration: 10 * time.Second, Connections: 8}, next, progress)
//	fmt.Println(result.Latency.P99)
//
// With a rate, a request has a moment at which it should go out, and its latency counts
// from then on: a server that stalls makes those late that should have been sent
// meanwhile, and that shows. Without a rate each connection sends the next request as
// soon as it has its answer, and latency counts from the sending.
//
// A run ends after its time or its count, whichever comes first, or with its context.
package bench
