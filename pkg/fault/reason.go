package fault

import "errors"

// Reason is why an attempt failed. It is a closed set, so that it can label a
// metric, head a dead letter and be searched for without an error's text.
type Reason string

// The reasons. A reason's text is part of the dead letter's format and never changes.
const (
	ReasonNone          Reason = ""               // it did not fail
	ReasonTimeout       Reason = "timeout"        // the destination did not answer in time
	ReasonConnection    Reason = "connection"     // no connection, or it broke
	ReasonDNS           Reason = "dns"            // the destination's name did not resolve
	ReasonTLS           Reason = "tls"            // the TLS handshake failed
	ReasonForbidden     Reason = "forbidden"      // the address guard refused the destination
	ReasonToken         Reason = "token"          // the destination's token endpoint gave no access token
	ReasonThrottled     Reason = "throttled"      // 429, or 503 with Retry-After
	ReasonServerError   Reason = "server-error"   // 408, 425 or 5xx
	ReasonRejected      Reason = "rejected"       // 4xx that no retry can mend
	ReasonGone          Reason = "gone"           // 410
	ReasonRedirect      Reason = "redirect"       // 3xx: redirects are not followed
	ReasonHandler       Reason = "handler"        // a handler returned an error
	ReasonPanic         Reason = "panic"          // a handler panicked
	ReasonMaxAttempts   Reason = "max-attempts"   // the route's attempts are used up
	ReasonMaxAge        Reason = "max-age"        // the event is older than the route retries
	ReasonDeliveryLimit Reason = "delivery-limit" // the broker returned it too often
	ReasonFilter        Reason = "filter"         // the route's filter failed on it
	ReasonTransform     Reason = "transform"      // the route's transformation failed on it
	ReasonRequest       Reason = "request"        // a template of the destination's request failed on it
	ReasonOrdering      Reason = "ordering"       // the route's ordering key failed on it
	ReasonUnreadable    Reason = "unreadable"     // a rule of the route needs the body, which cannot be read
	ReasonMalformed     Reason = "malformed"      // the message is not one of ours
	ReasonUnroutable    Reason = "unroutable"     // no queue took it
	ReasonOperator      Reason = "operator"       // a person asked for it
	ReasonRepeated      Reason = "repeated"       // the sender of the event sent it again
	ReasonInternal      Reason = "internal"       // a fault of Penstock's own
)

type because struct {
	error
	reason Reason
}

func (e because) Unwrap() error { return e.error }

// Because gives err a reason. Because(r, nil) is nil.
func Because(reason Reason, err error) error {
	if err == nil {
		return nil
	}
	return because{err, reason}
}

// ReasonOf returns the outermost reason of err: ReasonNone for nil, and
// ReasonInternal for an error that was given none.
func ReasonOf(err error) Reason {
	if err == nil {
		return ReasonNone
	}
	if e, ok := errors.AsType[because](err); ok {
		return e.reason
	}
	return ReasonInternal
}
