// Command traffic is a provider and a destination in one, for the end-to-end tests of
// deployments: it sends signed events at a rate, takes what is delivered, and says which
// of the accepted events never came. It runs beside what it tests, in a container.
//
//	GET  /control/start?url=https://gateway/in/github&rate=50   send until told to stop
//	GET  /control/stop                                          send no more; wait for the answers
//	GET  /control/receive?delay=200ms&status=503                how to answer deliveries from now on
//	GET  /control/report                                        the counts, as JSON
//	POST /                                                      a delivery
//
// Everything is asked with GET, so that an API server's proxy can carry it. The secret is
// that of a GitHub webhook, in the file that -secret names.
package main
