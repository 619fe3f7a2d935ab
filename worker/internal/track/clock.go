package track

import (
	"time"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
)

// agree is how far clocks may differ to be taken as they are. Messages carry whole seconds.
const agree = 5 * time.Second

// clock puts right what processes report whose clock is wrong. The tracker's own clock counts,
// by which the ledger judges. The ledger marks the status stream every few seconds with it. So
// what comes after a mark was published after it, whatever its publisher believes, and nothing
// was published later than it is read. The zero value has seen no mark.
type clock struct{ mark time.Time }

// correct shifts the times of the records of a message by as much as its publisher's clock is
// wrong for certain.
func (c *clock) correct(m *event.Message, records []status.Record, now time.Time) {
	if len(records) == 0 {
		c.see(m.Timestamp, now)
		return
	}
	off := c.wrong(m.Timestamp, now)
	if off == 0 {
		return
	}
	for i := range records {
		r := &records[i]
		r.At, r.NextAt = shift(r.At, off), shift(r.NextAt, off)
	}
}

// see takes the time of a mark, or of an event of the archive, as what has passed for certain.
func (c *clock) see(at, now time.Time) {
	if at.After(c.mark) && !at.After(now) {
		c.mark = at
	}
}

// wrong returns by how much a clock has to be put on that showed a time, at least. Zero: it
// may be right.
func (c *clock) wrong(at, now time.Time) time.Duration {
	switch {
	case at.After(now.Add(agree)):
		return now.Sub(at)
	case at.Before(c.mark.Add(-agree)):
		return c.mark.Sub(at)
	default:
		return 0
	}
}

func shift(at time.Time, by time.Duration) time.Time {
	if at.IsZero() {
		return at
	}
	return at.Add(by)
}
