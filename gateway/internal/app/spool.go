package app

import (
	"fmt"
	"maps"
	"slices"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/gateway/internal/spool"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/memory"
	"github.com/penstock/penstock/pkg/provision"
)

// startSpool opens the spool when there is a folder for it, whether a source uses it or
// not: an earlier configuration may have left events there.
func (a *App) startSpool() (err error) {
	if a.settings.SpoolDir == "" {
		return nil
	}
	a.spool, err = spool.Open(spool.Options{
		Dir:       a.settings.SpoolDir,
		MaxBytes:  int64(a.settings.SpoolMaxBytes),
		MaxMemory: memory.Share(spoolShare),
		Publisher: a.gate,
		Meter:     a.tel.Meter,
		Log:       a.log,
	})
	if err != nil {
		return fmt.Errorf("PENSTOCK_SPOOL_DIR: %w", err)
	}
	a.started.MustPush("spool", a.spool.Close)
	return nil
}

// spooler returns the spool as the pipeline takes it: nil when there is none.
func (a *App) spooler() ingest.Spool {
	if a.spool == nil {
		return nil
	}
	return a.spool
}

// Fits returns a *config.Error when the configuration asks for what the settings do not
// give.
func (s *Settings) Fits(c *config.Config) error {
	if err := s.spoolable(c); err != nil || s.HasStreams() {
		return err
	}
	return provision.NeedsStreams(s.Config, c)
}

// spoolable returns a *config.Error when the configuration asks for a spool and there is
// no folder for it: better to say so at the start than in an outage.
func (s *Settings) spoolable(c *config.Config) error {
	if s.SpoolDir != "" {
		return nil
	}
	var refused config.Error
	for _, name := range slices.Sorted(maps.Keys(c.Sources)) {
		if c.Sources[name].OnBrokerOutage == config.Spool {
			refused.Problems = append(refused.Problems, config.Problem{
				File: s.Config,
				Path: "sources." + name + ".onBrokerOutage",
				Text: "spool needs a folder on disk: set PENSTOCK_SPOOL_DIR",
			})
		}
	}
	if len(refused.Problems) == 0 {
		return nil
	}
	return &refused
}
