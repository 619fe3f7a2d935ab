// Package accesstoken gets the access tokens of OAuth 2 with which a process logs in to a broker,
// where a token is the password, or to a destination. A token ends, so the next one comes before
// that.
//
//	tokens := accesstoken.NewCache(&accesstoken.Client{URL: "https://idp.example/token", ID: "penstock", Secret: secret})
//	token, err := tokens.Token(ctx)
//	// … and again at token.Renew()
//
// A [File] is a token that something else renews, as Kubernetes does with a projected one.
// No error quotes a secret, a token, or what a token endpoint answers.
package accesstoken
