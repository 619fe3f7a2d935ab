package quarantine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	kept "github.com/penstock/penstock/pkg/quarantine"
	"github.com/penstock/penstock/worker/internal/store"
)

// reserve is the time that a check leaves of its context: what was begun is finished in it.
const reserve = 4 * time.Second

// errEnough ends a walk whose time is nearly over.
var errEnough = errors.New("quarantine: the time is over")

// Outcome is what a check found.
type Outcome struct {
	Page

	Verdicts map[string]int // how many entries have which verdict
	Problem  string         // why nothing was checked: what the secret or the source lacks; empty: it was
	Cut      bool           // the time was over before the end: a further check goes on
}

// Check verifies the entries of a choice, which names a source, with a secret, and publishes those
// that are valid if release says so. Without a secret, it verifies with the keys that the source has
// without one. It fails with ErrNotFound for a source that the configuration does not have, and
// when the stream cannot be read, or the broker does not take an event, within ctx.
func (r *Reader) Check(ctx context.Context, by string, c Choice, secret string, release bool) (o Outcome, err error) {
	cfg := r.options.Config()
	source := cfg.Sources[c.Source]
	if source == nil {
		return o, fmt.Errorf("source %q: %w", c.Source, ErrNotFound)
	}
	judge, err := kept.NewJudge(source, secretsOf(secret))
	if err != nil {
		o.Problem = err.Error()
		return o, nil //nolint:nilerr // the operator mends it: it is an answer, and no failure
	}
	review := &kept.Review{Judges: map[string]*kept.Judge{c.Source: judge}}
	if release {
		review.Releaser = &kept.Releaser{Config: cfg, Publisher: r.options.Publisher, Archive: r.options.Archive}
	}
	o, err = r.review(ctx, review, c)
	if n := o.Verdicts[kept.ReleasedNow]; n > 0 {
		err = errors.Join(err, r.record(ctx, by, c, n))
	}
	return o, err
}

// review decides about the entries of a choice. For one entry alone it also looks at those of the
// source that were released: the entry may be a copy of one.
func (r *Reader) review(ctx context.Context, review *kept.Review, c Choice) (o Outcome, err error) {
	o.Verdicts = map[string]int{}
	if review.Released, err = r.readReleased(ctx, c.Since); err != nil {
		return o, err
	}
	others := Choice{Source: c.Source}
	err = r.walk(ctx, c.Since, func(e *kept.Entry) error {
		chosen := c.has(e)
		if !chosen && (!others.has(e) || !review.Released[e.ID]) {
			return nil
		}
		if end, bounded := ctx.Deadline(); bounded && time.Until(end) < reserve {
			return errEnough
		}
		verdict, err := review.Decide(ctx, e)
		if err == nil && chosen {
			o.count(e, verdict)
		}
		return err
	})
	o.finish(review.Released)
	if errors.Is(err, errEnough) {
		o.Cut, err = true, nil
	}
	return o, err
}

// count adds an entry with its verdict.
func (o *Outcome) count(e *kept.Entry, verdict string) {
	o.Verdicts[verdict]++
	o.add(entryOf(e, verdict))
}

// readReleased returns the ids of the entries since a time that were released.
func (r *Reader) readReleased(ctx context.Context, since time.Time) (ids map[string]bool, err error) {
	ids = map[string]bool{}
	err = r.walk(ctx, since, func(e *kept.Entry) error {
		if e.Event == nil {
			ids[e.ID] = true
		}
		return nil
	})
	return ids, err
}

// record keeps in the audit who has released how many entries, also while ctx ends.
func (r *Reader) record(ctx context.Context, by string, c Choice, n int) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reserve)
	defer cancel()
	r.options.Log.Info("requests were released from the quarantine", zap.String("source", c.Source), zap.Int("events", n), zap.String("by", by))
	return r.options.Audit.Note(ctx, store.Audit{
		By: by, Action: "release", Target: "source " + c.Source, Detail: "requests of the quarantine that are valid with a secret that was typed", Count: int64(n),
	})
}
