package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/publickey"
)

// keySet is one issuer's keys.
type keySet struct {
	sets    *KeySets
	url     string
	storage *jwkset.MemoryJWKSet
	find    keyfunc.Keyfunc

	mu      sync.Mutex
	fetched time.Time     // when the keys were; zero: never
	tried   time.Time     // when a fetch last began
	running chan struct{} // closed when the fetch that runs ends; nil while none does
}

// key returns the key, or keys, to verify the token with.
func (k *keySet) key(ctx context.Context, token *jwt.Token) (any, Reason) {
	ctx, cancel := context.WithTimeout(ctx, waitForKeys)
	defer cancel()
	if !k.fresh(ctx) {
		return nil, ReasonKeysUnavailable
	}
	key, err := k.find.KeyfuncCtx(ctx)(token)
	if errors.Is(err, jwkset.ErrKeyNotFound) && wait(ctx, k.fetch(unknownKeyEvery)) { //nolint:contextcheck // see KeySets.ctx
		key, err = k.find.KeyfuncCtx(ctx)(token)
	}
	if err != nil {
		return nil, ReasonUnknownKey
	}
	return key, ReasonNone
}

// fresh reports whether there are keys to use. Old ones it has fetched again
// in the background; without any it waits.
func (k *keySet) fresh(ctx context.Context) bool {
	age := k.age()
	if age < refreshEvery {
		return true
	}
	fetched := k.fetch(retryFetchEvery) //nolint:contextcheck // see KeySets.ctx
	if age < usableFor {
		return true
	}
	return wait(ctx, fetched) && k.age() < usableFor
}

func (k *keySet) age() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.sets.now().Sub(k.fetched)
}

func wait(ctx context.Context, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

// fetch starts to fetch the keys, unless a fetch runs already or began less
// than every ago. The channel is closed when there is nothing to wait for.
func (k *keySet) fetch(every time.Duration) <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.running != nil {
		return k.running
	}
	done := make(chan struct{})
	now := k.sets.now()
	if now.Sub(k.tried) < every {
		close(done)
		return done
	}
	k.tried, k.running = now, done
	go k.run(done)
	return done
}

func (k *keySet) run(done chan struct{}) {
	ctx, cancel := context.WithTimeout(k.sets.ctx, fetchTimeout)
	defer cancel()
	err := k.load(ctx)
	if err != nil {
		k.sets.log.Warn("cannot fetch a key set", zap.String("url", withoutQuery(k.url)), zap.Error(err))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil {
		k.fetched = k.sets.now()
	}
	k.running = nil
	close(done)
}

func (k *keySet) load(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, k.url, http.NoBody) //nolint:gosec // the operator's URL, validated
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	response, err := k.sets.client.Do(request) //nolint:gosec // likewise
	if err != nil {
		return fmt.Errorf("get: %w", errors.Unwrap(err)) // the outer error repeats the URL with its query
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("get: status %d", response.StatusCode)
	}
	raw, err := io.ReadAll(http.MaxBytesReader(nil, response.Body, maxKeySetBytes))
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	keys, err := publickey.ParseJWKS(raw)
	if err != nil {
		return fmt.Errorf("parse: %w", err)
	}
	return k.storage.KeyReplaceAll(ctx, keys)
}
