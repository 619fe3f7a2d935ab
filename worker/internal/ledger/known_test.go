package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/ledger"
	"github.com/penstock/penstock/worker/internal/store"
)

func TestAVerdictIsKnownForAMinute(t *testing.T) {
	t.Parallel()
	now := time.Now()
	tests := map[string]struct {
		asOf time.Time
		want bool
	}{
		"never looked":             {time.Time{}, false},
		"just now":                 {now, true},
		"a minute ago":             {now.Add(-time.Minute), true},
		"more than a minute ago":   {now.Add(-time.Minute - time.Second), false},
		"by a clock that is ahead": {now.Add(time.Hour), true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := ledger.Report{AsOf: test.asOf}
			require.Equal(t, test.want, r.Known(now))
		})
	}
}

func TestALedgerThatCannotLookSavesNoVerdict(t *testing.T) {
	t.Parallel()
	tests := map[string]func(s *site){
		"a stream is not being read":      func(s *site) { s.blind = true },
		"the store is behind its records": func(s *site) { s.behind = true },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			s.change(func() { spoil(s) })
			id := s.accept(t, "billing", time.Now())
			s.run(t).silent(t)
			r, err := ledger.Read(s.ctx, s.Store)
			require.NoError(t, err)
			require.False(t, r.Known(time.Now()))
			s.change(func() { s.blind, s.behind = false, false })
			s.names(t, id)
			r, err = ledger.Read(s.ctx, s.Store)
			require.NoError(t, err)
			require.True(t, r.Known(time.Now()))
		})
	}
}

func TestWhatMayHaveBeenRecordedInALostStreamIsUncertainAndNotMissing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.depths[queue] = 1
	for range 3 { // one is ready, the others are nowhere
		s.accept(t, "billing", time.Now().Add(-time.Hour))
	}
	s.apply(t, &store.Batch{Gaps: []store.Gap{{Stream: topology.Status, Reason: "replaced", At: time.Now().Add(-time.Minute)}}})
	late := s.accept(t, "billing", time.Now())
	s.run(t)
	uncertain := func() int64 {
		r, err := ledger.Read(s.ctx, s.Store)
		require.NoError(t, err)
		return r.Uncertain
	}
	require.Eventually(t, func() bool { return uncertain() == 2 }, 30*time.Second, every)
	require.Empty(t, s.missing(t), "the late one may be the one that is ready")
	s.change(func() { s.depths[queue] = 0 })
	s.names(t, late)
	require.EqualValues(t, 3, uncertain())
}

func TestWhatIsLeftOfARouteThatWasTakenAwayIsNotMissing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.routes = nil
	s.gone = topology.PartitionQueue("billing", 2)
	s.depths[topology.PartitionQueue("billing", 0)] = 1
	s.depths[topology.ParkedQueue("billing", 1)] = 1
	for range 2 {
		s.accept(t, "billing", time.Now().Add(-time.Hour))
	}
	s.run(t).silent(t)
	r, err := ledger.Read(s.ctx, s.Store)
	require.NoError(t, err)
	require.Equal(t, []ledger.Entry{{Source: "shop", Route: "billing", Accepted: 2, InFlight: 2}}, r.Entries)
}
