package app

import (
	"errors"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/settings"
)

// TrackSettings are the tracker's process settings, with the prefix PENSTOCK_.
type TrackSettings struct {
	settings.Process
	settings.AMQP
	StoreURL  string        `envconfig:"STORE_URL" default:"sqlite:penstock.db" desc:"where to keep what became of events: sqlite:PATH or postgres://…"`
	Retention time.Duration `default:"720h" desc:"how long finished events are kept in the store; 0 keeps them for ever"`
}

// defaultTrackAdminListen is where the tracker's admin listener stands when nothing is
// set.
const defaultTrackAdminListen = ":9092"

// Validate checks the tracker's own settings. It joins all problems.
func (s *TrackSettings) Validate() error {
	var errs []error
	if s.StoreURL == "" {
		errs = append(errs, errors.New("PENSTOCK_STORE_URL: must not be empty"))
	}
	if s.Retention < 0 {
		errs = append(errs, fmt.Errorf("PENSTOCK_RETENTION: %v is negative", s.Retention))
	}
	return errors.Join(errs...)
}

func (s *TrackSettings) broker() amqpx.Config {
	return amqpx.Config{
		URLs:     s.AMQPURLs,
		CAFile:   s.AMQPCAFile,
		CertFile: s.AMQPCertFile,
		KeyFile:  s.AMQPKeyFile,
		Name:     "penstock-track",
	}
}
