package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/penstock/penstock/worker/internal/adapter"
	"github.com/penstock/penstock/worker/internal/store"
)

// What keeps an account from being reconciled and is none of its provider's.
const (
	troubleBehind  = "store-behind"     // the store does not have all of the archive
	troubleArchive = "no-archive"       // there is none
	troubleBroker  = "broker"           // no gateway can be given what was fetched
	troubleEmpty   = "nothing-accepted" // the source has accepted nothing yet: there is nothing to compare with
)

// failsFor is how long a provider may be down or limit before a person should know.
const failsFor = 5 * time.Minute

// Failing reports whether an account's provider cannot be asked, and that for so long, or for such
// a reason, that a person should know. That nothing was accepted yet is no failure.
func Failing(a *store.Account, now time.Time) bool {
	switch a.Trouble {
	case "", troubleEmpty:
		return false
	case string(adapter.Unauthorized), string(adapter.Forbidden), string(adapter.NotFound), troubleArchive:
		return true
	default:
		return now.Sub(a.TroubleAt) >= failsFor
	}
}

// brokerError is a failure to hand an event to a gateway.
type brokerError struct{ error }

func (e brokerError) Unwrap() error { return e.error }

// fail notes why the account cannot go on, and until when to leave the provider alone. No
// event changes by that.
func (w *worker) fail(ctx context.Context, err error) error {
	if errors.Is(err, store.ErrStale) {
		return err // another tracker goes on
	}
	w.pos.Fails = min(w.pos.Fails+1, 10)
	w.pos.HoldTo = w.now().Add(min(firstPause<<(w.pos.Fails-1), longestHold))
	trouble := string(adapter.TroubleOf(err))
	if e, ok := errors.AsType[*adapter.Error](err); ok && e.Until.After(w.pos.HoldTo) {
		w.pos.HoldTo = e.Until.UTC()
	}
	if _, ok := errors.AsType[brokerError](err); ok {
		trouble = troubleBroker
	}
	w.suffer(trouble)
	return errors.Join(err, w.save(ctx, nil))
}

// blame notes a trouble that is none of the provider's.
func (w *worker) blame(ctx context.Context, trouble string) error {
	if w.row.Trouble == trouble {
		return nil
	}
	w.suffer(trouble)
	return w.save(ctx, nil)
}

func (w *worker) suffer(trouble string) {
	if w.row.Trouble != trouble {
		w.row.Trouble, w.row.TroubleAt = trouble, w.now()
	}
}

// absolve forgets the trouble: the provider has answered.
func (w *worker) absolve() {
	w.row.Trouble, w.row.TroubleAt, w.pos.Fails, w.pos.HoldTo = "", time.Time{}, 0, time.Time{}
}
