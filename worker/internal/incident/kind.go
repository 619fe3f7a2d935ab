package incident

import "slices"

// Kind is what an incident is about. It is a closed set; its texts are part of the API.
type Kind string

// The kinds.
const (
	DeliveryFailing     Kind = "delivery-failing"     // attempts at a destination fail
	DeadLetters         Kind = "dead-letters"         // events became dead letters without an attempt of their own
	RuleFailing         Kind = "rule-failing"         // a filter, a transformation or another rule of a route fails
	VerificationFailing Kind = "verification-failing" // requests of a source are refused as not authentic
	UnroutedType        Kind = "unrouted-type"        // no route takes events of a type that was never seen before
	BacklogAge          Kind = "backlog-age"          // an event waits for its first attempt for too long
	NoDeliverer         Kind = "no-deliverer"         // events wait, and no deliverer consumes their route
	SilentSource        Kind = "silent-source"        // a source sends nothing, against its own rhythm
	Unaccounted         Kind = "unaccounted"          // events are in flight by their records, and nowhere in the broker
	ConfigRefused       Kind = "config-refused"       // a changed configuration file is refused
	CertificateExpires  Kind = "certificate-expires"  // a certificate is near its end, or over
	ProviderGap         Kind = "provider-gap"         // a provider could not deliver events to a source
	AccountFailing      Kind = "account-failing"      // a provider cannot be asked what it sent
	SubscriptionChanged Kind = "subscription-changed" // a provider's subscription is disabled, has changed, or needs care
)

// Kinds returns all kinds.
func Kinds() []Kind {
	return []Kind{
		DeliveryFailing, DeadLetters, RuleFailing, VerificationFailing, UnroutedType, BacklogAge, NoDeliverer, SilentSource,
		Unaccounted, ConfigRefused, CertificateExpires, ProviderGap, AccountFailing, SubscriptionChanged,
	}
}

// Known reports whether k is one of the kinds.
func (k Kind) Known() bool { return slices.Contains(Kinds(), k) }

// Observed reports whether incidents of the kind last for as long as a condition is observed.
// Those of the others end when what failed succeeds again.
func (k Kind) Observed() bool {
	switch k {
	case BacklogAge, NoDeliverer, SilentSource, Unaccounted, ConfigRefused, CertificateExpires, ProviderGap, AccountFailing, SubscriptionChanged:
		return true
	default:
		return false
	}
}

// State is how it stands with an incident. It is a closed set; its texts are part of the API.
type State string

// The states. An incident that is open or acknowledged is unresolved.
const (
	Open         State = "open"
	Acknowledged State = "acknowledged" // a person looks after it
	Resolved     State = "resolved"
)

// Severity is how urgent an incident is. It is a closed set; its texts are part of the API.
type Severity string

// The severities.
const (
	Critical Severity = "critical" // events are not delivered, or not accepted
	Warning  Severity = "warning"  // they will not be, if nothing is done
)

// Severities returns all severities.
func Severities() []Severity { return []Severity{Critical, Warning} }

// Severity returns how urgent incidents of the kind are.
func (k Kind) Severity() Severity {
	switch k {
	case DeliveryFailing, DeadLetters, RuleFailing, VerificationFailing, NoDeliverer, Unaccounted, ProviderGap:
		return Critical
	default:
		return Warning
	}
}

// Change is what happened to an incident. It is a closed set; its texts are part of the API.
type Change string

// The changes.
const (
	WasOpened       Change = "opened"
	WasReopened     Change = "reopened"
	WasAcknowledged Change = "acknowledged"
	WasMuted        Change = "muted"
	WasUnmuted      Change = "unmuted"
	WasResolved     Change = "resolved"
)
