// Package api serves what the store knows, as openapi.yaml describes it: the document
// comes first, and the server's types and routing are generated from it.
//
//	server, err := api.Start(ctx, api.Options{Listen: ":8090", Store: s, Archive: archive, Guard: guard, …})
//	defer server.Close(ctx)
//
// # Who may ask
//
// A request needs a token (RFC 6750) of the tokens file, with the scope read:
//
//	tokens:
//	  - name: console
//	    sha256: 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b
//	    scopes: [read]
//
// The file holds hashes of tokens, never tokens; it is read again when it changes. Until
// there is one, everything is refused, unless the API was opened on purpose.
//
// # What it answers
//
// Errors are application/problem+json (RFC 9457). They say what the caller can mend, and
// nothing about the inside. Payloads come from the archive, byte for byte, for as long as
// it keeps them.
package api
