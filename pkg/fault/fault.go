package fault

import (
	"errors"
	"time"
)

type permanent struct{ error }

func (e permanent) Unwrap() error { return e.error }

// Permanent marks err as one that no retry can mend. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

// IsPermanent reports whether err, or an error it wraps, was marked by Permanent.
// A wait asked for by RetryAfter outside of the mark overrides it.
func IsPermanent(err error) bool {
	for err != nil {
		switch e := err.(type) { //nolint:errorlint // each layer is looked at in turn
		case permanent:
			return true
		case retryAfter:
			return false
		default:
			err = errors.Unwrap(e)
		}
	}
	return false
}

type retryAfter struct {
	error
	wait time.Duration
}

func (e retryAfter) Unwrap() error { return e.error }

// RetryAfter marks err as one to be retried, no earlier than wait from now.
// A negative wait counts as zero. RetryAfter(nil, …) is nil.
func RetryAfter(err error, wait time.Duration) error {
	if err == nil {
		return nil
	}
	return retryAfter{err, max(wait, 0)}
}

// Wait returns the wait that RetryAfter asked for, and whether one was asked for.
func Wait(err error) (time.Duration, bool) {
	if e, ok := errors.AsType[retryAfter](err); ok {
		return e.wait, true
	}
	return 0, false
}
