// Package credential keeps the secrets that senders send in their requests from whom they
// are not for. What of a request is a credential is derived from the source's scheme and
// from its authentication, as a list of [Places]:
//
//	places.Strip(&e.Request) // before an event is published or delivered
//	places.View(e)           // before people see it
//
// A token in the body is hidden in views only: the body of an event is never changed.
package credential
