package app

import (
	"context"
	"fmt"

	"github.com/penstock/penstock/gateway/internal/dedup"
	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/settings"
)

// dedupStore is a store that must be closed.
type dedupStore interface {
	ingest.Store
	Close(ctx context.Context) error
}

// startDedup returns what remembers the accepted events: the Redis that the
// gateways share, or this process.
func (a *App) startDedup() (ingest.Store, error) {
	store, err := a.newDedup()
	if err != nil {
		return nil, err
	}
	a.started.MustPush("deduplication", store.Close)
	return store, nil
}

func (a *App) newDedup() (dedupStore, error) {
	if a.settings.RedisURL == "" {
		return dedup.NewMemory(a.settings.DedupEvents)
	}
	store, err := dedup.NewRedis(a.settings.RedisURL, a.settings.RedisTimeout,
		settings.Reread(func(s *Settings) string { return s.RedisURL }, "REDIS_URL"))
	if err != nil {
		return nil, fmt.Errorf("PENSTOCK_REDIS_URL: %w", err)
	}
	return store, nil
}
