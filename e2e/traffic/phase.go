package main

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"
)

// follow returns a context that follows its request, and a function that tells what the
// request is doing: what a failure was waiting for. The function may be called at any time.
func follow(ctx context.Context) (context.Context, func() string) {
	var now atomic.Pointer[string]
	do := func(what string) { now.Store(&what) }
	do("waiting for a connection")
	trace := &httptrace.ClientTrace{
		DNSStart:             func(httptrace.DNSStartInfo) { do("resolving the name") },
		ConnectStart:         func(string, string) { do("connecting") },
		TLSHandshakeStart:    func() { do("in the TLS handshake") },
		GotConn:              func(httptrace.GotConnInfo) { do("sending") },
		WroteRequest:         func(httptrace.WroteRequestInfo) { do("waiting for the answer") },
		GotFirstResponseByte: func() { do("reading the answer") },
	}
	return httptrace.WithClientTrace(ctx, trace), func() string { return *now.Load() }
}
