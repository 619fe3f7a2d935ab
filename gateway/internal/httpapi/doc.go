// Package httpapi is the gateway's HTTP face: it turns requests to /in/{source}
// into work for package ingest, and what comes back into responses.
//
//	server, err := httpapi.Start(ctx, httpapi.Options{Settings: s, Pipeline: p, Log: log})
//	…
//	server.Drain()          // answers go on, and ask clients to leave
//	err = server.Close(ctx) // no new connections; finishes what runs
//
// It speaks HTTP/1.1 and HTTP/2, over TLS 1.2 and up with certificates that are
// read again when their files change, or in clear text behind a proxy that ends
// TLS. A PROXY protocol header (v1, v2) is read from trusted networks alone; no
// header field ever changes what counts as the sender's address.
//
// An error is application/problem+json (RFC 9457). Its type is stable, and its
// text is the same whatever the finer reason was: see [Problem].
package httpapi
