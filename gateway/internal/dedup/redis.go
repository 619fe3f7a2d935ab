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
const prefix = "penstock:dedup:"

// A value is the state's letter and the event's id.
const (
	pendingMark = "p:"
	doneMark    = "d:"
)

// claimScript answers with what is known, or claims the key.
var claimScript = redis.NewScript(`
local known = redis.call('GET', KEYS[1])
if known then return known end
redis.call('SET', KEYS[1], 'p:' .. ARGV[1], 'PX', ARGV[2])
return ''`)

// settleScript remembers the event or forgets the claim, as Memory.Settle does.
var settleScript = redis.NewScript(`
local known = redis.call('GET', KEYS[1])
if known and string.sub(known, 1, 2) == 'd:' then return '' end
if tonumber(ARGV[2]) > 0 then
  redis.call('SET', KEYS[1], 'd:' .. ARGV[1], 'PX', ARGV[2])
elseif known == 'p:' .. ARGV[1] then
  redis.call('DEL', KEYS[1])
end
return ''`)

// Redis is a store that processes share. Each call is one round trip; after a few
// failures in a row calls fail at once for a second. It is safe for concurrent use.
type Redis struct {
	within  time.Duration // what one call may take
	client  *redis.Client
	breaker *gobreaker.CircuitBreaker[string]
}

// quiet keeps the library from writing to stderr: the errors that it writes about
// are returned too.
var quiet = sync.OnceFunc(func() { redis.SetLogger(silent{}) })

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// NewRedis returns a store at url, such as redis://user:password@host:6379/0 or
// rediss://… for TLS. A call holds up an event for no longer than within, connecting
// included. It does not connect yet.
func NewRedis(url string, within time.Duration) (*Redis, error) {
	quiet()
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("not an URL such as redis://host:6379/0") // the cause could quote a password
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = within, within, within, within
	o.MaxRetries, o.DialerRetries = -1, 1
	o.ContextTimeoutEnabled = true
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return &Redis{
		within: within,
		client: redis.NewClient(o),
		breaker: gobreaker.NewCircuitBreaker[string](gobreaker.Settings{
			Timeout:     restFor,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= failuresToGo },
		}),
	}, nil
}

// Claim claims the key for the event id, for at most lease, which is whole
// milliseconds. The error is ErrUnavailable; the key may be claimed even so.
func (r *Redis) Claim(ctx context.Context, key, id string, lease time.Duration) (Claim, error) {
	known, err := r.run(ctx, claimScript, key, id, lease)
	if err != nil {
		return Claim{}, err
	}
	first, done := strings.CutPrefix(known, doneMark)
	switch {
	case done:
		return Claim{State: Done, ID: first}, nil
	case strings.HasPrefix(known, pendingMark):
		return Claim{State: Pending}, nil
	default:
		return Claim{State: Fresh}, nil
	}
}

// Settle ends the claim of the event id: a positive window, of whole milliseconds,
// remembers the event for that long, and zero forgets the claim. What another event
// was accepted under, or has claimed meanwhile, is not forgotten. The error is
// ErrUnavailable; a claim that is not settled lapses by itself.
func (r *Redis) Settle(ctx context.Context, key, id string, window time.Duration) error {
	_, err := r.run(ctx, settleScript, key, id, window)
	return err
}

func (r *Redis) run(ctx context.Context, script *redis.Script, key, id string, d time.Duration) (string, error) {
	answer, err := r.breaker.Execute(func() (string, error) {
		// A sender that hangs up is no failure of the store.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.within)
		defer cancel()
		return script.Run(ctx, r.client, []string{prefix + key}, id, d.Milliseconds()).Text()
	})
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnavailable, err)
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
