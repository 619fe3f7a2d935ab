package incident

import (
	"slices"

	"github.com/penstock/penstock/pkg/auth"
	"github.com/penstock/penstock/pkg/signature"
)

// doubtful are the reasons for which a request is refused as not authentic. The others say
// nothing of a secret that was rotated.
var doubtful = []string{
	string(signature.MissingSignature), string(signature.MalformedSignature), string(signature.Mismatch), string(signature.Stale),
	string(signature.UnsupportedAlgorithm), string(signature.BadToken), string(signature.Expired), string(signature.Altered),
	string(signature.UnknownKey), string(signature.NoEvent), string(signature.MissingTimestamp), string(signature.MalformedTimestamp),
	string(signature.MissingValue), string(auth.ReasonMissing), string(auth.ReasonUnknown), string(auth.ReasonExpired),
	string(auth.ReasonWrongClaim), string(auth.ReasonWrongAlgorithm), string(auth.ReasonBadSignature),
	string(auth.ReasonUnverifiedCertificate), string(auth.ReasonWrongName), string(auth.ReasonMalformed),
}

// OfRefusal returns the incident of requests that a gateway refused, if they were refused as
// not authentic.
func OfRefusal(source, reason string) (Key, bool) {
	return Key{Kind: VerificationFailing, Source: source, Reason: reason}, slices.Contains(doubtful, reason)
}
