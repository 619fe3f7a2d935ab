package config

import (
	"github.com/penstock/penstock/pkg/auth"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// Source is who sends webhooks: how its requests are authenticated and verified,
// and within which limits they are taken.
//
// A source has a provider or a scheme, or authentication, or both of these two
// kinds; one that has neither must say that it is open.
type Source struct {
	// The source's name: its key in the file and the last part of its path, /in/{name}.
	Name string `yaml:"-"`
	// The preset of a known provider, such as github. See the list of providers.
	Provider string `yaml:"provider"`
	// How requests are signed, for a sender that has no preset. Not together with provider.
	Scheme *signature.Scheme `yaml:"scheme"`
	// Where the event's id is, for a source with auth alone or one that is open, such as json:id or
	// header:x-event-id. A source with a scheme says so there.
	ID signature.Strings `yaml:"id"`
	// Where the event's type is, as id.
	Type signature.Strings `yaml:"type"`
	// What the sender signs with. Any of several may match, so that a secret can be changed.
	Secrets []Secret `yaml:"secrets"`
	// Waits for the secret that the provider hands over in a handshake, as Asana, Clio and Notion do.
	// Until then no event is taken, and the source has no secrets.
	Pending bool `yaml:"pending"`
	// Further authentication. A request must pass every entry of the list.
	Auth []auth.Method `yaml:"auth"`
	// The networks that requests may come from, such as 203.0.113.0/24 or a single address. Any when
	// it is left out.
	AllowCIDRs []string `yaml:"allowCIDRs"`
	// The largest body that is taken, in bytes on the wire, at most 32MiB. When it is left out, the
	// largest that the provider is known to send, such as 25MiB of GitHub, or else 5MiB.
	MaxBody Size `yaml:"maxBody"`
	// How many requests are taken in a time, in one process. No limit when it is left out.
	RateLimit *Rate `yaml:"rateLimit"`
	// The URL that the sender was given, without a query. Needed by signatures that cover it.
	PublicURL string `yaml:"publicURL"`
	// Takes requests without authentication and verification. Anyone can then send events.
	Open bool `yaml:"open"`
	// Further values that the provider or the scheme asks for by name, as {cfg:NAME}. A value may
	// refer to secrets.
	Config map[string]Secret `yaml:"config"`
	// The media types that are taken, such as application/json. Any when it is left out.
	ContentTypes []string `yaml:"contentTypes"`
	// Whether what the sender sends again becomes a second event.
	Dedup Dedup `yaml:"dedup"`
	// Makes the sender's trace (traceparent) the parent of ours, which then follows its sampling. For
	// senders of one's own; anybody else's trace is only linked.
	TrustTraceparent bool `yaml:"trustTraceparent"`
	// Tells the sender of an accepted event, in the header field Server-Timing, how long verifying and
	// publishing took.
	ServerTiming bool `yaml:"serverTiming"`
	// What the sender of an accepted event is answered instead of 202 with {"id": "<event id>"}, for a source
	// without a provider: a provider expects an answer of its own.
	Respond *Respond `yaml:"respond"`
	// What happens to an event while the broker takes none: reject asks the sender to come again, and
	// spool keeps it on the gateway's disk. Spool is for senders that do not come again. The gateway
	// needs a folder for it: PENSTOCK_SPOOL_DIR.
	OnBrokerOutage OnBrokerOutage `yaml:"onBrokerOutage"`
	// Keeps requests whose signature is not valid in a stream of the broker, for a day and within a
	// bounded size, so that what a wrong secret refused can be verified again once the secret is right:
	// see penstock quarantine. Off when it is left out.
	Quarantine bool `yaml:"quarantine"`
}

// OnBrokerOutage is what a source does with an event while the broker takes none.
type OnBrokerOutage string

// The ways to treat an outage of the broker.
const (
	Reject OnBrokerOutage = "reject" // 503 with Retry-After; the default
	Spool  OnBrokerOutage = "spool"  // keep it on disk, answer as usual, and publish it later
)

// BodyLimit returns the largest body that the source takes: as the file says, or as its
// provider needs, or DefaultMaxBody.
func (s *Source) BodyLimit() Size {
	preset, _ := provider.Lookup(s.Provider)
	switch {
	case s.MaxBody > 0:
		return s.MaxBody
	case preset != nil && preset.MaxBodyMiB > 0:
		return Size(preset.MaxBodyMiB) << 20
	default:
		return DefaultMaxBody
	}
}

// Dedup is how a source's events are known again.
type Dedup struct {
	// How long after it was accepted an event makes a repetition a duplicate, which is answered and not
	// delivered again: 1s to 30d, or off. As long as the provider tries when it is left out; 30s for a
	// provider that sends an event again only because a person asks for it; off for a sender that gives
	// events no id. A later repetition of an event that has an id is delivered under its
	// Penstock-Event-Id, as a replay is. Without an id, the same body is the same event.
	Window Window `yaml:"window"`
}
