// Package deliver sends events to HTTP destinations.
//
// A [Destination] is a consume.Handler: the pipeline calls it for each event of
// each route that leads to it.
//
//	d, err := deliver.New(cfg.Destinations["billing"], credentials)
//	defer d.Close()
//	consume.Options{Handler: d, Gate: d.Gate(), …}
//
// An attempt first has to be admitted (admit.go): the destination is not paused, a
// slot of its concurrency is free, its rate allows it. What is not admitted within
// seconds goes back to its queue untried. Then the circuit breaker (breaker.go)
// has its say. The request (request.go, headers.go, sign.go) carries the raw body
// and the provider's own header fields, and the destination's credentials (authorize.go). Its
// connections are renewed now and then (renewed.go). The address guard (guard.go) looks at
// every connection as it is made. With batches, attempts wait for each other and share a request
// (batch.go). The answer, or the lack of one, is put into one
// of two tables (classify.go), which say whether to try again and why it failed.
//
// A 429 or 503 with Retry-After, or an open breaker, pauses the destination: its
// gate closes, its routes stop consuming, and when it opens one attempt alone
// finds out whether others may follow. As they succeed, more and more do (ramp.go).
//
// While a destination fails, but too little for the breaker, retries are at most a
// fifth of its traffic (budget.go). What exceeds that is postponed by its route's
// backoff.
package deliver
