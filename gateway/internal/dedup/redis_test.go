package dedup_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/dedup"
)

func TestARedisThatFailsIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, silent := range map[string]bool{"gone": false, "silent": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := listen(t) // it accepts, and never answers
			if !silent {
				require.NoError(t, l.Close())
			}
			r := newRedis(t, "redis://"+l.Addr().String(), impatient)
			failures := make(chan []error, 1)
			go func() { failures <- fail(r) }()
			select {
			case errs := <-failures:
				require.Less(t, asked(t, errs), len(errs)/4, "each of them holds up an event")
			case <-time.After(patient):
				require.Fail(t, "a call waits for ever")
			}
		})
	}
}

// fail makes many calls one after the other, and returns what they fail with.
func fail(r *dedup.Redis) (errs []error) {
	for range 50 {
		c, err := r.Claim(context.Background(), dedup.Key{}, "id", terms)
		errs = append(errs, err, r.Settle(context.Background(), dedup.Key{}, c, dedup.Outcome{Accepted: true}, terms))
	}
	return errs
}

// asked counts the calls that went to the Redis, all of which failed.
func asked(t *testing.T, errs []error) (n int) {
	t.Helper()
	for _, err := range errs {
		require.ErrorIs(t, err, dedup.ErrUnavailable)
		if !errors.Is(err, gobreaker.ErrOpenState) && !errors.Is(err, gobreaker.ErrTooManyRequests) {
			n++
		}
	}
	return n
}

func TestAWrongURLIsRefusedWithoutQuotingIt(t *testing.T) {
	t.Parallel()
	_, err := dedup.NewRedis("http://user:hunter2@host/", impatient, nil)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "hunter2")
}

func TestAConnectionUsesTheURLOfThen(t *testing.T) {
	t.Parallel()
	url := redisURL(t)
	r, err := dedup.NewRedis("redis://127.0.0.1:1/0", patient, func(context.Context) (string, error) { return url, nil })
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close(context.Background())) })
	_, err = r.Claim(t.Context(), newKey(), "id", dedup.Terms{Lease: time.Minute})
	require.NoError(t, err)
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}
