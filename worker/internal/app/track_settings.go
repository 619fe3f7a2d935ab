package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/header"
	"github.com/penstock/penstock/pkg/settings"
)

// TrackSettings are the tracker's process settings, with the prefix PENSTOCK_.
type TrackSettings struct {
	settings.Process
	settings.AMQP
	ConsoleSettings
	StoreURL  string        `envconfig:"STORE_URL" file:"true" default:"sqlite:penstock.db" desc:"where to keep what became of events: sqlite:PATH or postgres://…"`
	Retention time.Duration `default:"720h" desc:"how long finished events are kept in the store; 0 keeps them for ever"`
	Listen    string        `default:":8090" desc:"address of the API and the console"`

	APITokensFile string `envconfig:"API_TOKENS_FILE" desc:"hashes of the tokens that the API takes; without it everything is refused"`
	APIOpen       bool   `envconfig:"API_OPEN" default:"false" desc:"let everybody use the API, by an address, a name without a dot, or the host of PENSTOCK_CONSOLE_URL"`
}

// defaultTrackAdminListen is where the tracker's admin listener stands when nothing is
// set.
const defaultTrackAdminListen = ":9092"

// Validate checks the tracker's own settings. It joins all problems.
func (s *TrackSettings) Validate() error {
	errs := []error{settings.Address("PENSTOCK_LISTEN", s.Listen)}
	if s.StoreURL == "" {
		errs = append(errs, errors.New("PENSTOCK_STORE_URL: must not be empty"))
	}
	if !strings.HasPrefix(s.StoreURL, "sqlite:") {
		errs = append(errs, settings.URL("PENSTOCK_STORE_URL", s.StoreURL, "sqlite", "postgres", "postgresql"))
	}
	if s.Retention < 0 {
		errs = append(errs, fmt.Errorf("PENSTOCK_RETENTION: %v is negative", s.Retention))
	}
	return errors.Join(errs...)
}

// names are the hosts by which operators know the tracker.
func (s *TrackSettings) names() []string {
	names := []string{header.HostName(s.Listen)}
	if u, err := url.Parse(s.ConsoleURL); err == nil && u.Host != "" {
		names = append(names, header.HostName(u.Host))
	}
	return names
}

// broker is how to reach the broker.
func (s *TrackSettings) broker() amqpx.Config { return s.Broker("penstock-track") }

// rereadStoreURL returns what reads the store's URL again, when a file holds it; else nil.
func rereadStoreURL() func(context.Context) (string, error) {
	return settings.Reread(func(s *TrackSettings) string { return s.StoreURL }, "STORE_URL")
}
