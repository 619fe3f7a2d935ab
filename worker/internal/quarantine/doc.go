// Package quarantine reads the quarantine for the console: which requests failed verification and
// why, whether they are valid with a secret that an operator types, and the release of those that are.
//
//	reader := quarantine.New(quarantine.Options{Consumer: consumer, Publisher: publisher, …})
//	page, err := reader.List(ctx, quarantine.Choice{Source: "shop", Since: yesterday})
//	outcome, err := reader.Check(ctx, by, quarantine.Choice{Source: "shop"}, secret, true)
//
// The secret of a call is used for this call alone. It is in no error, no log line, no record of
// the audit and no answer.
//
// The package adds bounds, the audit and one reader at a time to package pkg/quarantine, which
// the command `penstock quarantine` uses as well.
package quarantine
