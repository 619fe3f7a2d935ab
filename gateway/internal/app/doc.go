// Package app puts the gateway together, so that main and tests start the same
// thing:
//
//	gateway, err := app.New(ctx, settings, os.LookupEnv, log)
//	…
//	err = gateway.Run(ctx) // until ctx is done and everything has stopped
//
// With port 0 in the settings, [App.Addr] and [App.AdminAddr] tell where it
// listens. It needs no broker to start: until the topology stands, requests are
// answered 503 with Retry-After and /readyz says what is missing. Once the topology was
// seen, the gateway stays ready (ready.go): it answers, whatever the broker does.
//
// With PENSTOCK_SPOOL_DIR it keeps the events of sources that say so on disk meanwhile,
// and is ready from the start.
//
// A configuration that changed takes effect in an order that loses nothing: first
// its queues and bindings are declared, then its sources are served.
package app
