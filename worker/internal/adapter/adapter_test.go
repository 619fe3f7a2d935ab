package adapter_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/account"
	"github.com/penstock/penstock/pkg/account/accounttest"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/adapter"
)

func TestEveryProviderWithFactsHasAnAdapter(t *testing.T) {
	t.Parallel()
	require.ElementsMatch(t, account.Providers(), adapter.Providers())
}

// wide is a range that has everything.
func wide() adapter.Range {
	return adapter.Range{From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)}
}

func TestAListHasEachEventOnceOverItsPages(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kind, a adapter.Adapter) {
		var want, got []string
		for range 450 {
			want = append(want, k.Happen("charge"))
		}
		calls := 0
		for r := wide(); ; calls++ {
			page, err := a.List(t.Context(), r)
			require.NoError(t, err)
			require.WithinDuration(t, time.Now(), page.Now, 5*time.Second)
			for _, one := range page.Sent {
				got = append(got, one.ID)
				require.Equal(t, "charge", one.Type)
				require.WithinDuration(t, time.Now(), one.At, time.Minute)
				require.False(t, one.Answered)
			}
			if r.Cursor = page.Next; r.Cursor == "" {
				break
			}
		}
		require.ElementsMatch(t, want, got)
		require.Positive(t, calls, "it has several pages")
	})
}

func TestAnEventIsFetchedWithoutASignature(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kind, a adapter.Adapter) {
		id := k.Happen("charge")
		page, err := a.List(t.Context(), wide())
		require.NoError(t, err)
		require.Equal(t, id, page.Sent[0].ID)
		d, err := a.Fetch(t.Context(), page.Sent[0])
		require.NoError(t, err)
		require.NotEmpty(t, d.Body)
		for _, f := range d.Header {
			require.NotContains(t, f.Name, "Signature")
		}
		_, err = a.Fetch(t.Context(), adapter.Sent{ID: "none", Ref: "none"})
		require.Equal(t, adapter.Gone, adapter.TroubleOf(err))
	})
}

func TestTroublesHaveTheirNamesAndQuoteNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kind, a adapter.Adapter) {
		trouble := func() adapter.Trouble {
			_, err := a.List(t.Context(), wide())
			require.Error(t, err)
			require.NotContains(t, err.Error(), token)
			return adapter.TroubleOf(err)
		}
		for status, want := range map[int]adapter.Trouble{
			http.StatusInternalServerError: adapter.Unreachable, http.StatusBadGateway: adapter.Unreachable,
			http.StatusForbidden: adapter.Forbidden, http.StatusNotFound: adapter.NotFound, http.StatusTooManyRequests: adapter.Limited,
			http.StatusMovedPermanently: adapter.Unreadable, http.StatusOK: adapter.Unreadable,
		} {
			k.Break(status)
			require.Equal(t, want, trouble(), status)
		}
		k.Break(0)
		k.Revoke("another")
		require.Equal(t, adapter.Unauthorized, trouble())
	})
}

func TestACheckSeesTheSubscription(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ kind, a adapter.Adapter) {
		r, err := a.Check(t.Context())
		require.NoError(t, err)
		require.True(t, r.Subscription.Active)
		require.Contains(t, r.Subscription.URL, "https://hooks.example/in/")
		require.NotEmpty(t, r.Subscription.Types)
		require.LessOrEqual(t, a.Usage().Calls, int64(2))
	})
}

func TestALimitIsSeenAndHasAnEnd(t *testing.T) {
	t.Parallel()
	for provider, k := range kinds(accounttest.Options{Deliver: failing, Token: token, PerHour: 3}) {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			a := adapterOf(t, provider, k)
			var err error
			for range 4 {
				_, err = a.List(t.Context(), wide())
			}
			e, ok := errors.AsType[*adapter.Error](err)
			require.True(t, ok)
			require.Equal(t, adapter.Limited, e.Trouble)
			require.Greater(t, e.Until, time.Now())
		})
	}
}

func TestARedeliveryIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, provider := range account.Providers() {
		facts, _ := account.Lookup(provider)
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			now, status, arrived := time.Now(), http.StatusBadGateway, 0
			k := kinds(accounttest.Options{Token: token, Now: func() time.Time { return now }, Deliver: func(accounttest.Delivery) int {
				arrived++
				return status
			}})[provider]
			a := adapterOf(t, provider, k)
			k.Happen("charge")
			page, err := a.List(t.Context(), wide())
			require.NoError(t, err)
			one := page.Sent[0]
			status = http.StatusOK
			if facts.Pends {
				_ = a.Redeliver(t.Context(), one) // some say that they do not
				require.Equal(t, 1, arrived, "it tries by itself")
				now = now.Add(facts.Retries + time.Minute)
			}
			err = a.Redeliver(t.Context(), one)
			if !facts.Redelivers {
				require.Equal(t, adapter.Gone, adapter.TroubleOf(err))
				return
			}
			require.NoError(t, err)
			require.Equal(t, 2, arrived)
			one.Ref = "99999"
			require.Contains(t, []adapter.Trouble{adapter.Gone, adapter.Forbidden}, adapter.TroubleOf(a.Redeliver(t.Context(), one)))
		})
	}
}

func TestALimitIsKeptUntilItsReset(t *testing.T) {
	t.Parallel()
	now, calls := time.Now(), 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.Header().Set("X-Ratelimit-Limit", "1")
		w.Header().Set("X-Ratelimit-Remaining", "0")
		w.Header().Set("X-Ratelimit-Reset", "1999999999")
		_, _ = w.Write([]byte("[]"))
	}))
	transport := &http.Transport{}
	t.Cleanup(func() { transport.CloseIdleConnections(); server.Close() })
	a, err := adapter.New(&config.Account{
		Name: "one", Provider: "github", URL: server.URL, Settings: map[string]string{"repository": "acme/shop", "hook": "1"},
		Credentials: map[string]config.Secret{"token": config.NewSecret(token)},
	}, transport, func() time.Time { return now })
	require.NoError(t, err)
	_, err = a.List(t.Context(), wide())
	require.NoError(t, err)
	_, err = a.List(t.Context(), wide())
	require.Equal(t, adapter.Limited, adapter.TroubleOf(err))
	require.Equal(t, 1, calls, "the provider is left alone")
	now = time.Unix(2000000000, 0)
	_, err = a.List(t.Context(), wide())
	require.NoError(t, err)
	require.EqualValues(t, 1, a.Usage().Limit)
}

func TestAnAnswerThatHasNotChangedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	sent := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"one"`)
		if r.Header.Get("If-None-Match") == `"one"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		sent++
		_, _ = w.Write([]byte(`[{"id":1,"guid":"g","delivered_at":"2026-01-01T00:00:00Z","event":"push"}]`))
	}))
	transport := &http.Transport{}
	t.Cleanup(func() { transport.CloseIdleConnections(); server.Close() })
	a, err := adapter.New(&config.Account{
		Name: "one", Provider: "github", URL: server.URL, Settings: map[string]string{"organisation": "acme", "hook": "1"},
		Credentials: map[string]config.Secret{"token": config.NewSecret(token)},
	}, transport, time.Now)
	require.NoError(t, err)
	for range 3 {
		page, err := a.List(t.Context(), wide())
		require.NoError(t, err)
		require.Equal(t, "g", page.Sent[0].ID)
	}
	require.Equal(t, 1, sent)
}
