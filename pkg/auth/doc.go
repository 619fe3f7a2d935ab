// Package auth checks who sends a request: by API key, static bearer token,
// HTTP Basic (RFC 7617), bearer JWT (RFC 7519, RFC 6750), client certificate,
// or network address.
//
// A source lists methods; a request must satisfy all of them:
//
//	auth:
//	  - apiKey: {header: X-API-Key, keys: [{name: acme, sha256: "9f86d0…"}]}
//	  - bearerJWT: {issuer: https://idp.example, audience: penstock, jwksURL: https://idp.example/jwks}
//
// [Validate] reports every problem of such a list at once, [New] compiles it
// to a [Chain], and [Chain.Authenticate] checks a request with it:
//
//	chain, err := auth.New(ctx, source.Auth, auth.Options{KeySets: sets})
//	…
//	who, err := chain.Authenticate(ctx, request)
//	if err != nil {
//		count(auth.ReasonOf(err)) // a closed set, fit for a metric label
//	}
//
// Secrets are never in the configuration: it holds the SHA-256 of each key,
// token or password. Make them long and random, for then a plain hash is
// enough; this prints one and its hash:
//
//	key=$(openssl rand -hex 32); echo "$key"; printf %s "$key" | sha256sum
//
// A presented secret is hashed and compared with every configured hash in
// constant time, so the time taken tells neither whether a key was close nor
// which one matched.
//
// Neither an [Identity] nor an error holds anything that was presented as a
// secret: both are safe to log. What a client is told is the caller's choice,
// and should be the same for every [Reason].
//
// Before an event is published, what [Method.Credential] names is to be taken out of it.
package auth
