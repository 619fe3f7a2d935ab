package canary

import "time"

// flock is the canaries in one level.
type flock struct {
	due     map[string]time.Time // when those that are under way have to come, by their ids
	sent    time.Time            // when the last one was sent
	last    time.Duration        // how late the last one came
	refused time.Time            // since when the level takes none; zero: it does
}

func newFlock() *flock { return &flock{due: map[string]time.Time{}} }

// fail notes that the level refused a canary.
func (f *flock) fail(id string, now time.Time) {
	delete(f.due, id)
	if f.refused.IsZero() {
		f.refused = now
	}
}

// arrive notes that a canary came, and reports whether it is of this level. Whatever was due
// before it is lost: a level keeps the order.
func (f *flock) arrive(id string, now time.Time) bool {
	due, mine := f.due[id]
	if !mine {
		return false
	}
	f.last, f.refused = max(now.Sub(due), 0), time.Time{}
	for other, at := range f.due {
		if !at.After(due) {
			delete(f.due, other)
		}
	}
	return true
}

// late is how late the level is: as late as the oldest canary that is due, or else as the
// last one was. A level that takes no canary is late since then.
func (f *flock) late(now time.Time) time.Duration {
	late, overdue := f.last, time.Duration(0)
	for _, due := range f.due {
		overdue = max(overdue, now.Sub(due))
	}
	if !f.refused.IsZero() {
		overdue = max(overdue, now.Sub(f.refused))
	}
	return max(late, overdue)
}
