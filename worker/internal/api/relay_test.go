package api_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/track"
)

// open is a guard that lets everybody pass.
func open(t *testing.T) *api.Guard {
	t.Helper()
	g, err := api.NewGuard("", true, zap.NewNop())
	require.NoError(t, err)
	return g
}

// follower is a fake archive: its entries, and then nothing.
type follower struct {
	entries []track.Entry
	from    atomic.Pointer[track.Place]
}

func (f *follower) Follow(ctx context.Context, from track.Place, use func(track.Entry) error) error {
	f.from.Store(&from)
	for _, e := range f.entries {
		if err := use(e); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

func (*follower) End(context.Context) track.Place { return track.Place{Offset: 9, ID: id(9)} }

func archived(t *testing.T, n int64, source, typ, body string) track.Entry {
	t.Helper()
	m, err := event.Encode(&event.Event{
		ID: id(n), Source: source, Type: typ, ReceivedAt: start, Body: []byte(body),
		Request: event.Request{Method: "POST", Path: "/in/" + source, Header: []event.Field{
			{Name: "Stripe-Signature", Value: "t=1,v1=abc"}, {Name: "X-Partner-Key", Value: "k3y"}, {Name: "X-Latin", Value: "caf\xe9"},
		}},
	})
	require.NoError(t, err)
	return track.Entry{Place: track.Place{Offset: n, ID: id(n)}, Message: m}
}

// relay reads lines until so many have an event.
func (b *bench) relay(query url.Values, events int) []api.RelayLine {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	answer := b.ask(ctx, http.MethodGet, "/api/v1/archive/stream?"+query.Encode(), "") //nolint:bodyclose // ask closes it
	require.Equal(b.t, http.StatusOK, answer.StatusCode)
	require.Equal(b.t, "application/x-ndjson", answer.Header.Get("Content-Type"))
	var lines []api.RelayLine
	for decoder := json.NewDecoder(answer.Body); events > 0; {
		var line api.RelayLine
		require.NoError(b.t, decoder.Decode(&line))
		if line.Event != nil {
			events--
			lines = append(lines, line)
		}
	}
	return lines
}

func TestARelayHasWhatIsChosenWithCursorsAndNoCredentials(t *testing.T) {
	t.Parallel()
	f := &follower{entries: []track.Entry{
		archived(t, 1, "shop", "invoice.paid", `{"amount": 5}`), archived(t, 2, "shop", "invoice.paid", `{"amount": 0}`),
		archived(t, 3, "shop", "charge.failed", `{"amount": 5}`), archived(t, 4, "quiet", "invoice.paid", `{"amount": 5}`),
		archived(t, 5, "shop", "invoice.paid", `{}`), archived(t, 6, "shop", "invoice.sent", `{"amount": 7}`),
	}}
	f.entries[5].Loss = track.Truncated
	b := setup(t, func(o *api.Options) { o.Follower, o.Guard = f, open(t) })
	lines := b.relay(url.Values{"source": {"shop"}, "type": {"invoice.*", "other"}, "filter": {"body.amount > 0"}, "from": {"first"}}, 2)
	require.Equal(t, []string{id(1), id(6)}, []string{lines[0].Event.Id, lines[1].Event.Id})
	require.Equal(t, track.Place{}, *f.from.Load())
	require.Equal(t, "1."+id(1), lines[0].Cursor)
	require.EqualValues(t, 6, lines[1].Scanned)
	require.EqualValues(t, 1, lines[1].Unreadable, "one has no amount")
	require.Equal(t, api.Truncated, *lines[1].Loss)
	require.JSONEq(t, `{"amount": 5}`, string(lines[0].Event.Body))
	fields := map[string]api.Header{}
	for _, h := range lines[0].Event.Request.Headers {
		fields[h.Name] = h
	}
	require.Equal(t, "t=1,v1=abc", fields["Stripe-Signature"].Value)
	require.NotContains(t, fields["X-Partner-Key"].Value, "k3y")
	require.Equal(t, []byte("caf\xe9"), *fields["X-Latin"].Bytes)

	b.relay(url.Values{"from": {lines[0].Cursor}}, 1)
	require.Equal(t, track.Place{Offset: 1, ID: id(1)}, *f.from.Load())
	b.relay(url.Values{}, 1)
	require.Equal(t, track.Place{Offset: 9, ID: id(9)}, *f.from.Load(), "from the end")
}

func TestAFilterSeesNoCredentials(t *testing.T) {
	t.Parallel()
	f := &follower{entries: []track.Entry{archived(t, 1, "shop", "invoice.paid", `{}`), archived(t, 2, "shop", "last", `{}`)}}
	b := setup(t, func(o *api.Options) { o.Follower, o.Guard = f, open(t) })
	lines := b.relay(url.Values{"filter": {`type == "last" || headers["x-partner-key"].startsWith("k")`}, "from": {"first"}}, 1)
	require.Equal(t, id(2), lines[0].Event.Id)
}

func TestARelayIsAuditedAndNeedsItsScope(t *testing.T) {
	t.Parallel()
	f := &follower{entries: []track.Entry{archived(t, 1, "shop", "invoice.paid", `{}`)}}
	b := setup(t, func(o *api.Options) { o.Follower = f })
	for _, token := range []string{"reader-secret", "writer-secret"} {
		require.Equal(t, http.StatusForbidden, b.ask(t.Context(), http.MethodGet, "/api/v1/archive/stream", token).StatusCode) //nolint:bodyclose // ask closes it
	}
	opened := setup(t, func(o *api.Options) { o.Follower, o.Guard = f, open(t) })
	opened.relay(url.Values{"source": {"shop"}, "filter": {"type != ''"}, "from": {"first"}}, 1)
	var entries []store.Audit
	require.Eventually(t, func() bool {
		var err error
		entries, err = opened.store.Audits(t.Context(), 0, 10)
		require.NoError(t, err)
		return len(entries) == 2
	}, time.Minute, 10*time.Millisecond, "the relay has ended")
	require.Equal(t, "relay-ended", entries[0].Action)
	require.EqualValues(t, 1, entries[0].Count)
	require.Equal(t, "relay", entries[1].Action)
	require.Equal(t, "shop", entries[1].Target)
	require.Equal(t, "with the filter type != '', from first", entries[1].Detail)
}

func TestAWrongRelayIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *api.Options) { o.Follower, o.Guard = new(follower), open(t) })
	for query, part := range map[string]string{
		"filter=body.": "filter: ", "from=x": "from: ", "from=1.x": "The cursor", "from=-1." + id(1): "The cursor", "typ=x": "no parameter",
		"filter=" + strings.Repeat("a", 4001): "more than 4000",
	} {
		answer := b.ask(t.Context(), http.MethodGet, "/api/v1/archive/stream?"+query, "") //nolint:bodyclose // ask closes it
		require.Equal(t, http.StatusBadRequest, answer.StatusCode, query)
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.Contains(t, string(text), part, query)
	}
	none := setup(t, func(o *api.Options) { o.Guard = open(t) })
	require.Equal(t, http.StatusGone, none.ask(t.Context(), http.MethodGet, "/api/v1/archive/stream", "").StatusCode) //nolint:bodyclose // ask closes it
}
