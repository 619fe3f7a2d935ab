// Package accesstoken gets the access tokens with which a process logs in to a broker that
// knows OAuth 2. A token is the password; it ends, so the next one comes before that.
//
//	tokens := accesstoken.NewCache(&accesstoken.Client{URL: "https://idp.example/token", ID: "penstock", Secret: secret})
//	token, err := tokens.Token(ctx)
//	// … and again at token.Renew()
//
// A [File] is a token that something else renews, as Kubernetes does with a projected one.
// No error quotes a secret, a token, or what a token endpoint answers.
package accesstoken
