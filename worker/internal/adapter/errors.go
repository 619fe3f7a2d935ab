package adapter

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Trouble is why an API did not do what it was asked for.
type Trouble string

// The troubles.
const (
	Unauthorized Trouble = "unauthorized" // the credentials are wrong, expired, or revoked
	Forbidden    Trouble = "forbidden"    // the credentials lack a right
	NotFound     Trouble = "not-found"    // the subscription is gone, or the credentials may not see it
	Limited      Trouble = "limited"      // too many requests
	Unreachable  Trouble = "unreachable"  // no answer in time, or a server error
	Unreadable   Trouble = "unreadable"   // an answer that the adapter does not understand
	Gone         Trouble = "gone"         // the API does not have the event any more, or cannot do it for this one
)

var errUnable = errors.New("the API has no such request")

// Error is a request that failed. It quotes nothing of the answer.
type Error struct {
	Trouble Trouble
	Status  int       // of the answer; zero when there was none
	Until   time.Time // with Limited: when to ask again
	Err     error     // may be nil
}

// Error implements error.
func (e *Error) Error() string {
	text := "ask the provider: " + string(e.Trouble)
	if e.Status != 0 {
		text += fmt.Sprintf(" (status %d)", e.Status)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// TroubleOf returns the trouble of an error, Unreachable for one that is none of this
// package, and nothing for nil.
func TroubleOf(err error) Trouble {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Trouble
	}
	return Unreachable
}

// of turns the trouble of an error about one event into another one.
func of(err error, from []Trouble, to Trouble) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	if slices.Contains(from, e.Trouble) {
		return &Error{Trouble: to, Status: e.Status, Err: e.Err}
	}
	return err
}
