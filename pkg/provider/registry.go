package provider

import "github.com/penstock/penstock/pkg/signature"

// builder makes the verifier of a preset whose Code names it.
type builder func(p *Preset, o Options) (verifier, error)

// builders lists the code that presets can name.
func builders() map[string]builder {
	return map[string]builder{
		"aws-sns":        newSNS,
		"bridge-xyz":     rewritten(bridgeForm),
		"contentful":     rewritten(contentfulForm),
		"each":           newEach,
		"ebay":           newEbay,
		"hygraph":        rewritten(hygraphForm),
		"lark":           opened(openLark),
		"neon":           rewritten(neonForm),
		"paddle-classic": rewritten(paddleClassicForm),
		"plivo":          rewritten(plivoForm),
		"salesforce":     newSalesforce,
		"truelayer":      rewritten(truelayerForm),
		"wix":            opened(openWix),
	}
}

// keySourceBuilder makes the source of keys that a scheme's keysrc names.
type keySourceBuilder func(argument string, o Options) (signature.KeySource, error)

// keySources lists the kinds of keysrc.
func keySources() map[string]keySourceBuilder {
	return map[string]keySourceBuilder{
		"apple":  newAppleChain,
		"cert":   newCertificate,
		"circle": newCircleKeys,
		"ebay":   newEbayKeys,
		"json":   newJSONKey,
		"jwks":   newJWKS,
		"plaid":  newPlaidKeys,
	}
}
