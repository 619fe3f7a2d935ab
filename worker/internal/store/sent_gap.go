package store

import (
	"context"
	"fmt"
	"time"
)

// SentGap is what an account misses. First and Last are when such events were sent; zero when
// there are none.
type SentGap struct {
	Missing     int64 // those that are to be recovered, or are on their way
	Lost        int64
	First, Last time.Time
}

// SentGap returns what an account misses: what is open and does not wait to be accepted by itself, and what was lost and
// tried last since a time.
func (s *Store) SentGap(ctx context.Context, account string, lostSince time.Time) (SentGap, error) {
	var gap SentGap
	open := []SentState{SentMissing, SentAsked, SentPublishing, SentPublished}
	q := in(new(query).add("SELECT state, COUNT(*), MIN(at), MAX(at) FROM sent WHERE account = ? AND (state IN ", account), open).
		add(" OR state = ? AND asked_at >= ?) GROUP BY state", string(SentLost), millis(lostSince))
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var state SentState
		var n, first, last int64
		err := scan(&state, &n, &first, &last)
		gap.take(state, n, moment(first), moment(last))
		return err
	})
	if err != nil {
		return SentGap{}, fmt.Errorf("count what account %s misses: %w", account, err)
	}
	return gap, nil
}

func (g *SentGap) take(state SentState, n int64, first, last time.Time) {
	if state == SentLost {
		g.Lost += n
	} else {
		g.Missing += n
	}
	if g.First.IsZero() || first.Before(g.First) {
		g.First = first
	}
	if last.After(g.Last) {
		g.Last = last
	}
}
