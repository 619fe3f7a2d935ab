package auth

import "errors"

// Reason is why a request was refused. It is a closed set, so that it can
// label a metric.
type Reason string

// The reasons. Their texts never change.
const (
	ReasonNone                  Reason = ""                       // it was not refused
	ReasonMissing               Reason = "missing-credential"     // nothing was presented
	ReasonAmbiguous             Reason = "ambiguous-credential"   // presented more than once
	ReasonMalformed             Reason = "malformed-credential"   // not of the form that the method has
	ReasonUnknown               Reason = "unknown-credential"     // well formed, but no key, token or password matches
	ReasonExpired               Reason = "expired-token"          // a JWT past its "exp"
	ReasonNotYetValid           Reason = "token-not-yet-valid"    // a JWT before its "nbf" or "iat"
	ReasonWrongClaim            Reason = "wrong-claim"            // a JWT without a claim that is asked for, or with another value
	ReasonWrongAlgorithm        Reason = "wrong-algorithm"        // a JWT signed with an algorithm that is not allowed
	ReasonUnknownKey            Reason = "unknown-key"            // a JWT whose "kid" is not in the key set
	ReasonBadSignature          Reason = "bad-signature"          // a JWT whose signature no key verifies
	ReasonKeysUnavailable       Reason = "keys-unavailable"       // the key set could not be fetched
	ReasonUnverifiedCertificate Reason = "unverified-certificate" // no client certificate, or one that was not verified
	ReasonWrongName             Reason = "wrong-name"             // a client certificate of somebody else
	ReasonInternal              Reason = "internal"               // an error that is not of this package
)

// Error says which method refused a request, and why. It holds nothing of
// what was presented.
type Error struct {
	Method string // as the configuration names it, such as "apiKey"
	Reason Reason
}

// Error implements error.
func (e *Error) Error() string { return "authenticate by " + e.Method + ": " + string(e.Reason) }

// ReasonOf returns the reason of an error that Authenticate returned:
// ReasonNone for nil, ReasonInternal for an error of another origin.
func ReasonOf(err error) Reason {
	if err == nil {
		return ReasonNone
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return ReasonInternal
}
