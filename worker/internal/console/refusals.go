package console

import (
	"strings"

	"github.com/penstock/penstock/pkg/auth"
	"github.com/penstock/penstock/pkg/signature"
)

// unverified says why a signature was not believed, and what to look at first.
var unverified = map[signature.Reason]string{
	signature.MissingSignature:     "no signature where the provider puts it: is it the provider who sends?",
	signature.MalformedSignature:   "the signature cannot be read",
	signature.AmbiguousSignature:   "two different signatures in one request",
	signature.Mismatch:             "wrong secret, or a proxy changed the request",
	signature.MissingTimestamp:     "no time of signing",
	signature.MalformedTimestamp:   "the time of signing cannot be read",
	signature.Stale:                "signed too long ago: sent again by somebody, or a clock is wrong",
	signature.MissingValue:         "a part of what is signed is missing",
	signature.AmbiguousValue:       "a part of what is signed is there twice",
	signature.MalformedBody:        "the body cannot be read wholly, or a form holds more than is signed",
	signature.NoEvent:              "authentic, but not what the provider's events look like",
	signature.UnsupportedAlgorithm: "signed with an algorithm that is not allowed",
	signature.BadToken:             "the token is for somebody else",
	signature.Expired:              "the token is out of date, or a clock is wrong",
	signature.Altered:              "the body is not the one that was signed",
	signature.UnknownKey:           "signed with a key that the provider does not publish",
	signature.KeyUnavailable:       "the provider's keys could not be fetched; it was told to try again",
	signature.TooCostly:            "more signatures and keys to try than one request may have",
	signature.Abandoned:            "the sender hung up, or its time was over, before the signature was verified",
}

// unknown says why a sender's credentials were not accepted.
var unknown = map[auth.Reason]string{
	auth.ReasonMissing:               "no credentials",
	auth.ReasonAmbiguous:             "credentials given twice",
	auth.ReasonMalformed:             "the credentials cannot be read",
	auth.ReasonUnknown:               "a key, token or password that is not configured",
	auth.ReasonExpired:               "the token has expired",
	auth.ReasonNotYetValid:           "the token is not valid yet: is a clock wrong?",
	auth.ReasonWrongClaim:            "the token lacks a claim, or has another value",
	auth.ReasonWrongAlgorithm:        "the token is signed with an algorithm that is not allowed",
	auth.ReasonBadSignature:          "the token's signature is wrong",
	auth.ReasonKeysUnavailable:       "the key set could not be fetched; the sender was told to try again",
	auth.ReasonUnverifiedCertificate: "no client certificate, or none that can be verified",
	auth.ReasonWrongName:             "the client certificate is somebody else's",
	auth.ReasonInternal:              "a fault of Penstock's own",
}

// turnedAway says why a request was refused apart from who sent it. The names are the
// gateway's.
var turnedAway = map[string]string{
	"method-not-allowed": "not a method that the source takes", "not-a-handshake": "a GET that is no handshake of the provider's",
	"address-not-allowed": "the sender's address is not on the source's list", "address-failures": "too many failures from one address",
	"rate-limited": "over the source's rate limit", "handshake-rate-limited": "too many handshakes",
	"too-large": "larger than the source allows", "message-too-large": "too large for the broker", "broker-invalid": "the broker cannot carry it",
	"headers-too-large": "the header is too large", "too-many-fields": "too many header fields",
	"unsupported-content-type": "not a content type that the source takes",
	"overloaded":               "the gateway had too much to do; the sender was told to try again",
	"request-budget":           "the gateway had too many requests at once; the sender was told to try again",
	"byte-budget":              "the gateway held too many bytes at once; the sender was told to try again",
	"request-timeout":          "the request took too long", "body-timeout": "the body came too slowly",
	"malformed-request": "not a request that can be read", "body-malformed": "the body cannot be read", "body-incomplete": "the body broke off",
	"unavailable": "not possible at that time; the sender was told to try again", "broker-unavailable": "there was no broker; the sender was told to try again",
	"broker-unroutable":  "no queue took it; the sender was told to try again",
	"broker-refused":     "the broker refused it; the sender was told to try again",
	"broker-unconfirmed": "the broker did not confirm in time; the sender was told to try again",
	"broker-error":       "an error of the broker; the sender was told to try again",
	"spool-unavailable":  "neither the broker nor the spool took it; the sender was told to try again",
	"duplicate-pending":  "the same event was being accepted; the sender was told to try again",
	"internal-error":     "a fault of the gateway's own",
}

// refused returns why a request was refused as words for people, or the reason itself when
// it is a newer one.
func refused(reason string) string {
	for _, text := range []string{unverified[signature.Reason(reason)], unknown[auth.Reason(reason)], turnedAway[reason]} {
		if text != "" {
			return text
		}
	}
	return strings.ReplaceAll(reason, "-", " ")
}
