package diagnose

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/signature"
)

// Verdict is the outcome.
type Verdict struct {
	OK       bool             `json:"valid"`
	Reason   signature.Reason `json:"reason,omitempty"`
	Meaning  string           `json:"meaning,omitempty"` // the reason, in a sentence
	Findings []Finding        `json:"findings,omitempty"`
	Key      int              `json:"key"`                   // which secret matched, from 1; zero: none
	Skew     time.Duration    `json:"skewNanos,omitempty"`   // how far the timestamp lies in the past
	EventID  string           `json:"eventID,omitempty"`     // of a valid request
	Type     string           `json:"eventType,omitempty"`   // likewise
	Tried    int              `json:"slipsTried,omitempty"`  // how many slips were tried
	Signed   []string         `json:"lookedAt,omitempty"`    // what was looked at
	Window   time.Duration    `json:"windowNanos,omitempty"` // how old it may be; zero: any age
}

// Finding is one explanation, the best first.
type Finding struct {
	Cause  string `json:"cause"`
	Remedy string `json:"remedy"`
	Proven bool   `json:"proven"` // the signature fits with it
}

// Run verifies the case and explains a failure. The error is about the case
// itself, such as a secret that cannot be decoded; see provider.New.
func Run(ctx context.Context, c Case) (*Verdict, error) {
	source, err := c.compile()
	if err != nil {
		return nil, err
	}
	result := source.Verify(ctx, c.Request, c.Now)
	v := &Verdict{
		OK: result.OK, Reason: result.Reason, Key: result.Key + 1, Skew: result.Skew,
		Window: window(c.scheme()), Signed: lookedAt(c),
	}
	if result.OK {
		v.EventID, v.Type = source.Identify(c.Request.Read(event.MaxBody))
		return v, nil
	}
	v.Meaning = meaning(result.Reason)
	d := &detective{ctx: ctx, c: c}
	v.Findings = d.explain(result)
	v.Tried = d.tried
	return v, nil
}

// Describe returns what can be known of a request that was refused for a reason, without the
// secret of its source: what the reason means, what the verification looked at, and which parts
// of the request are not as they should be. The secrets of the case are not used.
func Describe(ctx context.Context, c Case, reason signature.Reason) *Verdict {
	d := &detective{ctx: ctx, c: c.withSecrets()}
	return &Verdict{
		Reason: reason, Meaning: meaning(reason), Window: window(c.scheme()), Signed: lookedAt(c), Findings: d.describe(reason),
	}
}

func window(s signature.Scheme) time.Duration {
	switch {
	case s.TS == nil:
		return 0
	case s.TS.Tol == nil:
		return signature.DefaultTolerance * time.Second
	default:
		return time.Duration(*s.TS.Tol) * time.Second
	}
}

// meaning puts a reason into words.
func meaning(r signature.Reason) string {
	texts := map[signature.Reason]string{
		signature.MissingSignature:     "There is no signature where it should be.",
		signature.MalformedSignature:   "There is something where the signature should be, but it is not written like one.",
		signature.AmbiguousSignature:   "There are two different signatures where one should be.",
		signature.Mismatch:             "The signature does not fit: another secret made it, or something that it covers has changed.",
		signature.MissingTimestamp:     "There is no timestamp where it should be.",
		signature.MalformedTimestamp:   "The timestamp cannot be read.",
		signature.Stale:                "The signature is authentic, but the request is not of now.",
		signature.MissingValue:         "A part of what is signed is not in the request.",
		signature.AmbiguousValue:       "A part of what is signed is there twice, with different values.",
		signature.MalformedBody:        "The body cannot be read wholly: not with the content coding that the header names, or not as a form of the signed fields alone.",
		signature.NoEvent:              "The signature is authentic, but the body is not what the provider's events look like.",
		signature.UnsupportedAlgorithm: "The request asks for an algorithm that is not allowed.",
		signature.BadToken:             "The token is not one that was asked for: its issuer, audience or another claim differs.",
		signature.Expired:              "The token is authentic, but not valid now.",
		signature.Altered:              "The signature is authentic, but the content that it covers by a hash has changed.",
		signature.UnknownKey:           "The provider has no such key as the request names.",
		signature.KeyUnavailable:       "The provider's key could not be fetched, so nothing can be said.",
		signature.TooCostly:            "There are more signatures and keys to try than one request may have.",
		signature.Abandoned:            "The time for verifying was over before the end, so nothing can be said.",
	}
	if text, ok := texts[r]; ok {
		return text
	}
	return fmt.Sprintf("It was refused: %s.", r)
}
