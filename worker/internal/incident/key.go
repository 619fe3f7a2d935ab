package incident

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
)

// Key says which failures are one incident. What is zero does not matter.
type Key struct {
	Kind   Kind
	Route  string
	Source string
	Reason string // of the record or of the refusal; of an UnroutedType: the type
	Status int    // what the destination answered
	Shape  string // of the destination's answer, or of the error's text without one
}

// VariousAnswers is the shape of the incident that takes failures of one route, reason and
// status with too many different answers.
const VariousAnswers = "(various answers)"

// Various returns the key that takes the failure when there are too many different answers.
func (k Key) Various() Key {
	k.Shape = VariousAnswers
	return k
}

// ID returns the id of the key's incident: 16 hexadecimal digits, the same in every tracker.
func (k Key) ID() string {
	parts := []string{string(k.Kind), k.Route, k.Source, k.Reason, strconv.Itoa(k.Status), k.Shape}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// Of returns the incident that a status record belongs to, if it is about a failure. joins
// says that the record is about no attempt of its own: its event stays in the incident of the
// attempts before, if there is one.
func Of(r *status.Record) (key Key, joins, failed bool) {
	switch {
	case r.Route == "", r.Reason == "":
		return Key{}, false, false
	case r.Kind != status.Retrying && r.Kind != status.Attempted && r.Kind != status.Dead:
		return Key{}, false, false
	}
	reason := r.Reason
	if r.LastReason != "" {
		reason = r.LastReason
	}
	key = Key{Kind: kindOf(reason), Route: r.Route, Reason: string(reason), Status: r.HTTPStatus, Shape: Shape(Said(r))}
	return key, r.Attempt == 0 && key.Kind == DeadLetters, true
}

// Said returns what a failure says of itself: the destination's answer, or else the text of the
// error.
func Said(r *status.Record) []byte {
	if len(r.Answer) > 0 {
		return r.Answer
	}
	return []byte(r.Error)
}

// kindOf returns the kind of a failure by its reason.
func kindOf(r fault.Reason) Kind {
	switch r {
	case fault.ReasonFilter, fault.ReasonTransform, fault.ReasonRequest, fault.ReasonOrdering, fault.ReasonUnreadable:
		return RuleFailing
	case fault.ReasonMaxAttempts, fault.ReasonMaxAge, fault.ReasonDeliveryLimit, fault.ReasonMalformed, fault.ReasonUnroutable, fault.ReasonOperator:
		return DeadLetters
	default:
		return DeliveryFailing
	}
}
