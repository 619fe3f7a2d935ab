package incident

import (
	"fmt"
	"strings"

	"github.com/penstock/penstock/pkg/fault"
)

// Title returns one line that says what the incident is. It has nothing of an answer in it.
func (k Key) Title() string {
	about := ""
	if k.Status > 0 {
		about = fmt.Sprintf(", HTTP %d", k.Status)
	}
	reason := strings.ReplaceAll(k.Reason, "-", " ")
	switch k.Kind {
	case DeliveryFailing:
		return fmt.Sprintf("Deliveries of route %s fail: %s%s", k.Route, reason, about)
	case DeadLetters:
		return fmt.Sprintf("Route %s has dead letters: %s", k.Route, reason)
	case RuleFailing:
		return fmt.Sprintf("A rule of route %s fails: %s", k.Route, reason)
	case VerificationFailing:
		return fmt.Sprintf("Requests of source %s are refused: %s", k.Source, reason)
	case UnroutedType:
		return fmt.Sprintf("No route takes the new type %q of source %s", k.Reason, k.Source)
	case BacklogAge:
		return fmt.Sprintf("Events of route %s wait for their first attempt for too long", k.Route)
	case NoDeliverer:
		return "Events wait, and no deliverer consumes route " + k.Route
	case SilentSource:
		return fmt.Sprintf("Source %s has fallen silent", k.Source)
	case Unaccounted:
		return fmt.Sprintf("Events of route %s are unaccounted", k.Route)
	case ConfigRefused:
		if k.Reason != "" {
			return fmt.Sprintf("A %s refuses the changed configuration, or a part of it; the old one stays in force there", k.Reason)
		}
		return "The changed configuration is refused; the old one stays in force"
	case CertificateExpires:
		return fmt.Sprintf("The certificate of %s is near its end", k.Reason)
	case ProviderGap:
		return fmt.Sprintf("Gap at the provider: events of account %s were not delivered", k.Reason)
	case AccountFailing:
		return fmt.Sprintf("The provider of account %s cannot be asked what it sent", k.Reason)
	case SubscriptionChanged:
		return fmt.Sprintf("The subscription of account %s needs a look", k.Reason)
	default:
		return string(k.Kind)
	}
}

// likely says what mostly causes a failure, by its reason.
var likely = map[fault.Reason]string{
	fault.ReasonTimeout:       "The destination answers more slowly than its timeout allows. Look at its load, or raise the timeout.",
	fault.ReasonConnection:    "The destination does not take connections: it is down, its address has changed, or a firewall is in the way.",
	fault.ReasonDNS:           "The destination's name does not resolve. Was the name changed, or is the resolver broken?",
	fault.ReasonTLS:           "The TLS handshake fails. Has the destination's certificate expired, or is its authority not trusted (caFile)?",
	fault.ReasonForbidden:     "The destination's address is not allowed. A private address needs allowPrivate; link-local ones are never allowed.",
	fault.ReasonToken:         "The token endpoint gives no access token. Look at clientID, clientSecret and scopes.",
	fault.ReasonThrottled:     "The destination asks for fewer requests. Set a rateLimit for it, or a lower concurrency.",
	fault.ReasonServerError:   "The destination has an error of its own. Its log says more.",
	fault.ReasonRejected:      "The destination refuses what it is sent. Has its receiver or the event's format changed?",
	fault.ReasonGone:          "The destination's endpoint exists no more. Change its url.",
	fault.ReasonRedirect:      "The destination redirects, which is not followed. Change its url to the new one.",
	fault.ReasonHandler:       "The handler returns an error. Its log says more.",
	fault.ReasonPanic:         "The handler panics on the event. Its log says where.",
	fault.ReasonFilter:        "The route's filter fails on events that it was not written for.",
	fault.ReasonTransform:     "The route's transformation fails on events that it was not written for.",
	fault.ReasonRequest:       "A template of the destination's request fails on events that it was not written for.",
	fault.ReasonOrdering:      "The route's ordering key is missing in events that it was not written for.",
	fault.ReasonUnreadable:    "A rule of the route needs the body, which cannot be read, such as one with an unknown compression.",
	fault.ReasonDeliveryLimit: "Workers take the event and vanish with it: look for one that crashes or runs out of memory.",
	fault.ReasonMaxAge:        "Events waited for longer than the route retries. Was the destination paused, or no deliverer running?",
	fault.ReasonMalformed:     "Messages in the route's queue are not of Penstock. Does another program publish to it?",
	fault.ReasonUnroutable:    "No queue takes the event. Was a queue deleted?",
}

// causes say what mostly causes an incident, by its kind.
var causes = map[Kind]string{
	DeadLetters:         "The route gave up on events. Mend the cause, then replay them.",
	VerificationFailing: "A secret was rotated at the sender and not here, or a stranger sends. penstock verify says which.",
	UnroutedType:        "The sender has a new type of event. Add it to a route's types, or leave it.",
	BacklogAge:          "Deliverers are too few, or their destination is slow, paused or behind an open breaker.",
	NoDeliverer:         "No deliverer runs for the route: it is scaled to zero, it crashes, or PENSTOCK_ROUTES leaves the route out.",
	SilentSource:        "The sender has stopped: its webhook was disabled after failures, its address was changed, or it is down.",
	Unaccounted:         "A queue was purged or deleted behind Penstock's back. Replay the events from the archive.",
	ConfigRefused:       "The file has an error. penstock config check names file, line and column.",
	ProviderGap:         "No gateway could be reached, or it refused them. penstock gaps lists them, and with --recover recovers them.",
	AccountFailing:      "Its credentials were revoked, have ended or lack a right, or the API is down. penstock accounts check says which. No event is given up because of it.",
	SubscriptionChanged: "The provider has disabled it after failures, or a person has changed it. Each line says where to look.",
	CertificateExpires:  "Its renewal has failed. Renew it; the processes read a replaced file by themselves.",
}

// Cause returns what mostly causes such an incident, and what to do. It has nothing of an
// answer in it.
func (k Key) Cause() string {
	if text := likely[fault.Reason(k.Reason)]; text != "" && !k.Kind.Observed() && k.Kind != VerificationFailing {
		return text
	}
	if text := causes[k.Kind]; text != "" {
		return text
	}
	return "The history of a sample event says more."
}
