// Package provider knows how some hundreds of webhook providers sign, what they
// ask before they send, what they want to hear, and how long they wait.
//
// What it knows is data: one file in presets/ for each provider, which package
// signature's engine interprets. A [Preset] and what an operator configured make
// a [Source]:
//
//	preset, ok := provider.Lookup("github")
//	source, err := provider.New(preset, provider.Options{Secrets: []string{secret}})
//
//	if answer, asked := source.Handshake(ctx, request, false); asked { … }
//	if result := source.Verify(ctx, request, time.Now()); !result.OK { … }
//	if answer, asked := source.Handshake(ctx, request, true); asked { … }
//	id, eventType := source.Identify(request)
//
// The two calls of Handshake are no accident. Some providers sign the question
// that proves who owns an address, and then only an authentic question may be
// answered; others send it unsigned, before there is a secret.
//
// # Adding a provider
//
// Add presets/ID.yaml; ten lines are enough for most:
//
//	name: Example
//	category: Developer tools
//	scheme:
//	  alg: hmac-sha256
//	  sig: header:x-example-signature
//	  enc: hex
//	secret: the webhook's secret
//	eventID: json:id
//	eventType: json:type
//	evidence: A
//	docs: "Example documentation: webhooks"
//
// The scheme is that of [signature.Scheme], the expressions are those of
// [signature.CompileExpr], and the templates in handshakes and replies those of
// [signature.CompileTemplate]. A preset that is `like` another one starts from
// its fields. Then run `go generate ./pkg/provider`, which adds a signed
// sample and a row of docs/providers.md, and review both.
//
// What no scheme can say is Go code, listed in registry.go: a preset names it in
// `code`, or in the scheme's `keysrc` when only the key is special. Keys are
// fetched from pinned hosts alone, are cached, and never for longer than the
// caller's context allows.
package provider

//go:generate go test . -run ^TestGenerated -update
