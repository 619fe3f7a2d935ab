package refusal_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/refusal"
)

var now = time.UnixMilli(1764000000000).UTC()

func report() refusal.Report {
	return refusal.Report{Instance: "one", Number: 1, At: now, Counts: []refusal.Count{{Source: "shop", Reason: "signature", N: 3, LastAt: now}},
		Repeats: []refusal.Repeat{{Event: "019a2f6e-8f0c-7d3e-9b5a-0242ac120002", N: 2, LastAt: now}}}
}

func TestAReportComesBackAsItWas(t *testing.T) {
	t.Parallel()
	m, err := refusal.Encode(report())
	require.NoError(t, err)
	got, err := refusal.Decode(m)
	require.NoError(t, err)
	require.Equal(t, report(), got)
}

func TestWhatCountsNothingOrTooMuchIsRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*refusal.Report){
		"no instance":     func(r *refusal.Report) { r.Instance = "" },
		"no number":       func(r *refusal.Report) { r.Number = 0 },
		"no time":         func(r *refusal.Report) { r.At = time.Time{} },
		"no source":       func(r *refusal.Report) { r.Counts[0].Source = "" },
		"no reason":       func(r *refusal.Report) { r.Counts[0].Reason = "" },
		"less than none":  func(r *refusal.Report) { r.Counts[0].N = -1 },
		"never":           func(r *refusal.Report) { r.Counts[0].LastAt = time.Time{} },
		"a long text":     func(r *refusal.Report) { r.Counts[0].Reason = strings.Repeat("x", 256) },
		"too many":        func(r *refusal.Report) { r.Counts = make([]refusal.Count, refusal.MaxCounts+1) },
		"no event":        func(r *refusal.Report) { r.Repeats[0].Event = "" },
		"a long event":    func(r *refusal.Report) { r.Repeats[0].Event = strings.Repeat("x", 256) },
		"no repetition":   func(r *refusal.Report) { r.Repeats[0].N = 0 },
		"repeated never":  func(r *refusal.Report) { r.Repeats[0].LastAt = time.Time{} },
		"too many events": func(r *refusal.Report) { r.Repeats = make([]refusal.Repeat, refusal.MaxCounts+1) },
	} {
		r := report()
		spoil(&r)
		_, err := refusal.Encode(r)
		require.ErrorIs(t, err, refusal.ErrMalformed, name)
	}
}

func FuzzDecode(f *testing.F) {
	m, err := refusal.Encode(report())
	require.NoError(f, err)
	f.Add(m.Body)
	f.Add([]byte(`{"instance":"one","number":1,"at":"2026-01-01T00:00:00Z","counts":[{"source":"","n":-1}]}`))
	f.Add([]byte(`{"instance":"one","number":1,"at":"2026-01-01T00:00:00Z","counts":[],"repeats":[]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m := &event.Message{Type: refusal.MessageType, Headers: map[string]any{event.HeaderFormat: int64(refusal.Format)}, Body: body}
		r, err := refusal.Decode(m)
		if err != nil {
			require.ErrorIs(t, err, refusal.ErrMalformed)
			return
		}
		again, err := refusal.Encode(r)
		require.NoError(t, err)
		got, err := refusal.Decode(again)
		require.NoError(t, err)
		require.Equal(t, r.Counts, got.Counts)
		require.Equal(t, r.Repeats, got.Repeats)
	})
}
