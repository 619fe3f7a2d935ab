package app

import (
	"errors"
	"fmt"
	"time"

	"github.com/penstock/penstock/gateway/internal/httpapi"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/memory"
	"github.com/penstock/penstock/pkg/settings"
)

// Settings are the gateway's process settings, with the prefix PENSTOCK_.
type Settings struct {
	settings.Process
	settings.AMQP
	httpapi.Settings
	PublishTimeout   time.Duration `split_words:"true" default:"5s" desc:"how long the broker may take to confirm an event; a provider with less patience shortens it"`
	MaxInFlight      int64         `split_words:"true" default:"4096" desc:"requests in work at once; more are answered 503"`
	MaxInFlightBytes config.Size   `split_words:"true" desc:"bytes that the bodies of requests in work take at once, those above 64 KiB twice; more are answered 503. Unset: a third of what the process's memory limit allows"`
	MaxConnections   int           `split_words:"true" default:"0" desc:"connections of senders at once; for a further one the longest idle one is closed. 0: as many as the process's memory limit allows, 8000 for 512 MiB"`
	MaxFailures      int           `split_words:"true" default:"0" desc:"requests a minute from one address that may fail authentication or verification before it is answered 429, such as 300; 0: any number. For gateways that see the senders' own addresses: behind a load balancer that hides them, one stranger would lock everybody out"`
	RedisURL         string        `split_words:"true" file:"true" desc:"a Redis that gateways share, redis://host:6379/0: events are deduplicated across them, not only in one process"`
	RedisTimeout     time.Duration `split_words:"true" default:"500ms" desc:"how long that Redis may hold up an event; after that it may become a duplicate"`
	SpoolDir         string        `split_words:"true" desc:"a folder, of this gateway alone and on a disk that outlives it, for the events of sources with onBrokerOutage: spool"`
	SpoolMaxBytes    config.Size   `split_words:"true" default:"1GiB" desc:"what the spool may take on disk; past it, events are answered 503 as without a spool"`
	DedupEvents      int           `split_words:"true" default:"100000" desc:"events remembered without a Redis, about 150 bytes each, shared fairly between the sources"`
}

// defaultAdminListen is where the admin listener stands when nothing is set.
const defaultAdminListen = ":9090"

// Validate checks the gateway's own settings. It joins all problems.
func (s *Settings) Validate() error {
	return errors.Join(
		positive("PENSTOCK_PUBLISH_TIMEOUT", s.PublishTimeout > 0),
		positive("PENSTOCK_MAX_IN_FLIGHT", s.MaxInFlight > 0),
		notNegative("PENSTOCK_MAX_IN_FLIGHT_BYTES", s.MaxInFlightBytes >= 0),
		notNegative("PENSTOCK_MAX_CONNECTIONS", s.MaxConnections >= 0),
		positive("PENSTOCK_REDIS_TIMEOUT", s.RedisTimeout > 0),
		positive("PENSTOCK_SPOOL_MAX_BYTES", s.SpoolMaxBytes > 0),
		positive("PENSTOCK_DEDUP_EVENTS", s.DedupEvents > 0),
		settings.URL("PENSTOCK_REDIS_URL", s.RedisURL, "redis", "rediss", "unix"),
		notNegative("PENSTOCK_MAX_FAILURES", s.MaxFailures >= 0),
	)
}

func positive(name string, ok bool) error {
	if ok {
		return nil
	}
	return fmt.Errorf("%s: must be more than zero", name)
}

func notNegative(name string, ok bool) error {
	if ok {
		return nil
	}
	return fmt.Errorf("%s: must not be less than zero", name)
}

// failures returns how many failures a minute one address may have. Behind a proxy
// that hides the senders, all of them have its address: one attacker would lock
// everybody out, so then there is no limit.
func (s *Settings) failures() int {
	if !s.SeesSenders() {
		return 0
	}
	return s.MaxFailures
}

// What the parts of a gateway may take of its memory. The rest is left to what is not
// counted: what it holds at rest, the sockets to the broker, and garbage.
const (
	bodiesShare      = 0.35
	connectionsShare = 0.4
	spoolShare       = 0.1
	perConnection    = 20 << 10 // what a connection over TLS takes, in bytes
)

// maxInFlightBytes returns how many bytes the bodies of requests in work may take.
func (s *Settings) maxInFlightBytes() int64 {
	if s.MaxInFlightBytes > 0 {
		return int64(s.MaxInFlightBytes)
	}
	return memory.Share(bodiesShare)
}

// maxConnections returns how many connections of senders there may be.
func (s *Settings) maxConnections() int {
	if s.MaxConnections > 0 {
		return s.MaxConnections
	}
	return int(memory.Share(connectionsShare) / perConnection)
}
