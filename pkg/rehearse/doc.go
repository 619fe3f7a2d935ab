// Package rehearse finds out what a route's rules make of an event, and delivers nothing.
//
//	rules, err := rehearse.Compile(rehearse.RulesOf(route))
//	outcome := rules.Try(ctx, e)
//	// outcome.State: rehearse.Taken, with outcome.Key and outcome.Body
//
// The rules are those of the deliverer, in its order: the types, the filter, the ordering key, the
// transformation.
package rehearse
