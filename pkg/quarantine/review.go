package quarantine

import (
	"context"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
)

// The verdicts of a review, apart from the reason for which an entry still does not verify.
const (
	Valid          = "valid"           // it would be published
	ReleasedNow    = "released"        // it was published by this review
	ReleasedBefore = "released before" // by an earlier one
	Copy           = "copy"            // of one that is valid, or was released
	NoSource       = "no such source"  // the configuration has no source of this name that verifies anything
	Question       = "question"        // of the provider, which is no event
)

// judgeTime bounds the fetching of a provider's keys for one entry.
const judgeTime = 20 * time.Second

// Review decides about the entries of a walk one after the other. What a sender sent several
// times becomes one event. It is not safe for concurrent use.
type Review struct {
	Judges   map[string]*Judge // by source
	Released map[string]bool   // the entries that were released before, see ReadReleased
	Releaser *Releaser         // publishes what is valid; nil: the review only reports it

	known map[string]bool // fingerprints of what is valid, or was released
}

// Decide returns the verdict about an entry, and publishes its event if the review does. It fails
// when publishing does.
func (r *Review) Decide(ctx context.Context, e *Entry) (verdict string, err error) {
	judge, there := r.Judges[e.Event.Source]
	if !there {
		return NoSource, nil
	}
	ctx, cancel := context.WithTimeout(ctx, judgeTime)
	defer cancel()
	if result := judge.Verify(ctx, e); !result.OK {
		return string(result.Reason), nil
	}
	made, fingerprint, err := judge.Event(ctx, e)
	if err != nil {
		return Question, nil
	}
	again := r.remember(fingerprint)
	switch {
	case r.Released[e.ID]:
		return ReleasedBefore, nil
	case again:
		return Copy, nil
	case r.Releaser == nil:
		return Valid, nil
	default:
		return ReleasedNow, r.Releaser.Release(ctx, made)
	}
}

// remember keeps a fingerprint, and reports whether it was there.
func (r *Review) remember(fingerprint string) (again bool) {
	if r.known == nil {
		r.known = map[string]bool{}
	}
	again = fingerprint != "" && r.known[fingerprint]
	r.known[fingerprint] = true
	return again
}

// ReadReleased returns the ids of the entries since a time that were released. It fails as Walk
// does.
func ReadReleased(ctx context.Context, c *amqpx.Consumer, since time.Time) (map[string]bool, error) {
	ids := map[string]bool{}
	err := Walk(ctx, c, since, func(e *Entry) error {
		if e.Event == nil {
			ids[e.ID] = true
		}
		return nil
	})
	return ids, err
}
