package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/ledger"
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
