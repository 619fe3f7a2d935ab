// Package accounttest plays providers for tests: it makes events, tries to deliver them as the
// provider does, and answers its API as the provider's public reference says.
//
//	hub := accounttest.NewGitHub(accounttest.Options{Deliver: deliver})
//	hub.Happen("push", accounttest.Once)
//	server := httptest.NewServer(hub)
//
// A provider keeps its own time (Options.Now), may list an event late, and limits requests.
package accounttest
