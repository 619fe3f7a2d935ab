// Package adapter asks the APIs of providers which events they sent, and for those that a
// source did not get.
//
//	a, err := adapter.New(account, http.DefaultTransport)
//	page, err := a.List(ctx, adapter.Range{From: since, To: until})
//
// Each provider is one file here and one of facts in pkg/account. Every request goes through
// one client (client.go), which bounds it, knows limits, and turns what goes wrong into an
// [Error]. An adapter keeps nothing between two calls but what the client remembers: tokens,
// limits, and the answers that a provider says have not changed.
package adapter
