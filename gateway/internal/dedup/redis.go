package dedup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/sony/gobreaker/v2"
)

// ErrUnavailable means that the store could not be asked in time. The event may go
// on: it could be a duplicate.
var ErrUnavailable = errors.New("dedup: store unavailable")

// When a store that fails is left alone.
const (
	failuresToGo = 3           // in a row, before it is not asked any more
	restFor      = time.Second // before it is asked again
)

// prefix begins every key, so that a Redis can be shared with others.
const prefix = "penstock:claim:"

// Redis is a store that processes share. Each call is one round trip; after a few
// failures in a row calls fail at once for a second. It is safe for concurrent use.
type Redis struct {
	within  time.Duration // what one call may take
	client  *redis.Client
	breaker *gobreaker.CircuitBreaker[[]string]
}

// quiet keeps the library from writing to stderr: the errors that it writes about
// are returned too.
var quiet = sync.OnceFunc(func() { redis.SetLogger(silent{}) })

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// NewRedis returns a store at url, such as redis://user:password@host:6379/0 or
// rediss://… for TLS. A call holds up an event for no longer than within, connecting
// included. It does not connect yet. Where reread is not nil, each connection asks it for
// the URL, whose host, user and password may have changed.
func NewRedis(url string, within time.Duration, reread func(context.Context) (string, error)) (*Redis, error) {
	quiet()
	o, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	if reread != nil {
		followURL(o, reread)
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = within, within, within, within
	o.MaxRetries, o.DialerRetries = -1, 1
	o.ContextTimeoutEnabled = true
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return &Redis{
		within: within,
		client: redis.NewClient(o),
		breaker: gobreaker.NewCircuitBreaker[[]string](gobreaker.Settings{
			Timeout:     restFor,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= failuresToGo },
		}),
	}, nil
}

// Claim claims the event, and proposes an id for the case that it has none yet. The error
// is ErrUnavailable; the event may be claimed even so.
func (r *Redis) Claim(ctx context.Context, key Key, id string, terms Terms) (Claim, error) {
	answer, err := r.run(ctx, claimScript, key, id, terms.Lease.Milliseconds(), terms.memory().Milliseconds())
	if err != nil {
		return Claim{ID: id}, err
	}
	return claimOf(answer), nil
}

// Settle ends a claim, or notes what is known of one that goes on. An event that was
// accepted under another claim stays accepted, and a newer claim goes on. The error is ErrUnavailable; a claim that is not settled ends by itself.
func (r *Redis) Settle(ctx context.Context, key Key, c Claim, o Outcome, terms Terms) error {
	script, args := releaseScript, []any{c.ID, c.Number, strings.Join(o.Done, ","), o.Unknown}
	if o.Accepted {
		script, args = acceptScript, []any{c.ID, terms.Window.Milliseconds(), terms.memory().Milliseconds()}
	}
	_, err := r.run(ctx, script, key, args...)
	return err
}

func (r *Redis) run(ctx context.Context, script *redis.Script, key Key, args ...any) ([]string, error) {
	answer, err := r.breaker.Execute(func() ([]string, error) {
		// A sender that hangs up is no failure of the store.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.within)
		defer cancel()
		return script.Run(ctx, r.client, []string{prefix + key.Source + ":" + key.Event}, args...).StringSlice()
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return answer, nil
}

// Close closes the connections.
func (r *Redis) Close(context.Context) error {
	if err := r.client.Close(); err != nil {
		return fmt.Errorf("close the deduplication store: %w", err)
	}
	return nil
}
