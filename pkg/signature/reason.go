package signature

import "time"

// Reason says why a request was rejected. It is one of the constants below, so that it can be a
// metric's label. It is for operators: a client is told nothing but 401.
type Reason string

// The reasons. None is that of an accepted request.
const (
	None                 Reason = ""
	MissingSignature     Reason = "missing-signature"     // no signature at any of its locations
	MalformedSignature   Reason = "malformed-signature"   // none of them can be read
	AmbiguousSignature   Reason = "ambiguous-signature"   // a location holds two different ones
	Mismatch             Reason = "mismatch"              // wrong key, or something signed was altered
	MissingTimestamp     Reason = "missing-timestamp"     // the scheme wants one
	MalformedTimestamp   Reason = "malformed-timestamp"   // it does not have the scheme's unit
	Stale                Reason = "stale"                 // authentic, but outside the window
	MissingValue         Reason = "missing-value"         // a part of the signed message is absent
	AmbiguousValue       Reason = "ambiguous-value"       // such a part is there twice, with different values, or holds what ends it
	MalformedBody        Reason = "malformed-body"        // the body cannot be read wholly, or a form holds more than is signed
	NoEvent              Reason = "no-event"              // authentic, but not of the form that the provider's events have
	UnsupportedAlgorithm Reason = "unsupported-algorithm" // the request asks for one that is not allowed
	BadToken             Reason = "bad-token"             // the JWT's claims are not the wanted ones
	Expired              Reason = "expired"               // an authentic JWT outside its time of validity
	Altered              Reason = "altered"               // authentic, but something that it covers by a hash differs
	UnknownKey           Reason = "unknown-key"           // the key source does not know the key
	KeyUnavailable       Reason = "key-unavailable"       // the key source cannot be asked now
	TooCostly            Reason = "too-costly"            // it would take more than MaxOperations
	Abandoned            Reason = "abandoned"             // the sender went, or its time was over, before the end
)

// Reasons lists every reason, for metrics that are to exist from the start.
func Reasons() []Reason {
	return []Reason{
		MissingSignature, MalformedSignature, AmbiguousSignature, Mismatch, MissingTimestamp, MalformedTimestamp, Stale,
		MissingValue, AmbiguousValue, MalformedBody, NoEvent, UnsupportedAlgorithm, BadToken, Expired, Altered, UnknownKey, KeyUnavailable,
		TooCostly, Abandoned,
	}
}

// Result is the outcome of verifying a request.
type Result struct {
	// OK says that the request is to be accepted.
	OK bool
	// Key is the index of the secret that matched, in the order given to [Verifier.Keys]; also
	// that of a [Stale] request, which is authentic. It is -1 when none did, and when the scheme
	// let an unsigned request through.
	Key int
	// Reason says why not. It is None when OK.
	Reason Reason
	// Skew is how far the request's timestamp lies in the past; negative: in the future.
	// Zero when the scheme has no timestamp or it was not looked at.
	Skew time.Duration
}

func reject(why Reason) Result { return Result{Key: -1, Reason: why} }
