// Package signature checks that a webhook was sent by who it says: one engine
// for every way of signing that providers have come up with, steered by data.
//
// A [Scheme] is that data. It says where the signature is, how it is written,
// what it covers and with which key:
//
//	scheme := signature.Scheme{
//		Alg:   "hmac-sha256",
//		Sig:   signature.Strings{"header:x-signature"},
//		Sep:   ",",
//		Items: signature.Strings{"t={ts}", "v1={sig}"},
//		Msg:   "{ts}.{body}",
//		TS:    &signature.Timestamp{From: "sig", Unit: "s"},
//	}
//
// [Compile] turns it into a [Verifier] once, when the configuration is loaded,
// and lists everything that is wrong with it. [Verifier.Keys] decodes the
// secrets. After that each request costs one call:
//
//	result := verifier.Verify(request, keys, time.Now())
//	if !result.OK {
//		rejected.Add(string(result.Reason)) // a closed set: safe as a metric label
//	}
//
// What the engine promises:
//
//   - It works on the raw bytes of the request, never on something decoded and
//     encoded again.
//   - Every comparison of a secret or a digest takes constant time.
//   - Time and memory are linear in the size of the request, whatever is in it.
//   - What could be read in two ways is rejected: a signature header that is
//     there twice with different values, a JSON key that is there twice.
//   - It never falls back to a weaker way of signing when the stronger one is
//     present, see [Scheme.Alt].
//   - An authentic but old request is told apart from a forged one: the clock
//     is looked at after the signature.
//
// An [Expr] finds an event's id and type in a request; a [Template] renders the
// answer to a provider's handshake. Both use the locations of [Scheme.Sig].
//
// A Verifier, Keys, an Expr and a Template are safe for concurrent use.
package signature
