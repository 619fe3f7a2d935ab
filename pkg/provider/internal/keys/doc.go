// Package keys gets public keys that providers publish: key sets (JWKS, RFC 7517)
// and certificates. What is fetched is cached, and nobody can make it fetch from
// where it should not.
//
//	fetcher := keys.NewFetcher(nil, "api.example.com")
//	set := keys.NewSet(fetcher, "https://api.example.com/jwks", nil)
//	key, err := set.Key(ctx, kid)
//
// A fetch goes to an HTTPS address on a host of the list, follows no redirect,
// reads at most [MaxDocument] bytes and ends after [FetchTimeout]. Concurrent
// callers share one fetch; each stops waiting when its own context ends. A failed
// fetch is remembered for a short while, and names that nothing is known of are
// fetched about one a second, so that forged requests cannot turn the gateway into
// a source of traffic. They cannot hinder authentic ones either: see [Cache].
package keys
