// Package quarantine writes requests that failed verification to the stream that
// package pkg/quarantine reads, as far as there is room:
//
//	q, err := quarantine.New(quarantine.Options{Publisher: publisher, Meter: meter, Log: log})
//	defer q.Close(ctx)
//	q.Offer("github", len(body), copyOfTheRequest) // returns at once
//
// Anybody can make a request that fails. So nobody waits for the quarantine, and what it
// costs is bounded for each source: in requests and bytes a second, in the size of one
// request, and in what waits in memory. What does not fit is dropped and counted. The
// broker bounds the stream in bytes and age.
package quarantine
