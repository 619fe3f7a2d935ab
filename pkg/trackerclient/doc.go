// Package trackerclient asks the API of a tracker. Its types and methods are generated
// from the same OpenAPI document as the server.
//
//	client, err := trackerclient.Connect("https://tracker.example:8090", token)
//
//	answer, err := client.ListEventsWithResponse(ctx, &trackerclient.ListEventsParams{Route: &route})
//	if err == nil {
//		err = trackerclient.Check(answer.HTTPResponse, answer.ApplicationproblemJSONDefault)
//	}
//	// answer.JSON200.Events
//
// Every answer but the expected one is an [*Error]. Lists go on for as long as a page has
// a Next.
//
// What changes something is a job: wait for it with [Wait]. What happens now is told by
// [Watch].
//
// A client is safe for concurrent use. Each call needs a context with a deadline: the
// client sets none, because some calls are meant to last.
package trackerclient
