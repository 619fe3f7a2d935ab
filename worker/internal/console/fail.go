package console

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"

	"go.uber.org/zap"

	"github.com/penstock/penstock/worker/internal/store"
)

// failure is an error with the face that people see.
type failure struct {
	Status        int
	Title, Remedy string
}

func (f *failure) Error() string { return f.Title }

var (
	errNotFound    = &failure{http.StatusNotFound, "There is no such page", "What it was about may have been deleted because of its age. Look for it in the list of events."}
	errReadOnly    = &failure{http.StatusForbidden, "You may only look", "Your token has the scope read. Sign in with one that has the scope write to change something."}
	errCrossOrigin = &failure{http.StatusForbidden, "The request came from another site", "For your safety nothing was done. Open the console itself and try again. Behind a proxy, PENSTOCK_CONSOLE_URL must be the address that browsers see."}
	errInternal    = &failure{http.StatusInternalServerError, "Something went wrong here", "Nothing was changed. The tracker's log says more."}
	errSlow        = &failure{http.StatusServiceUnavailable, "The answer took too long", "The store or the broker does not answer in time. Try again in a moment."}
)

// mend is a failure that the visitor can mend.
func mend(title, remedy string) *failure { return &failure{http.StatusBadRequest, title, remedy} }

// Problem is an error of an operation that says itself what people may see of it.
type Problem interface {
	error
	// Public returns the HTTP status, and in a sentence what is wrong.
	Public() (status int, text string)
}

func failureOf(err error) *failure {
	var own *failure
	var problem Problem
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, store.ErrNotFound):
		return errNotFound
	case errors.Is(err, store.ErrCursor):
		return mend("This list does not go on here", "The address was shortened or changed. Begin at the first page.")
	case errors.As(err, &problem):
		status, text := problem.Public()
		return &failure{status, http.StatusText(status), text}
	case errors.Is(err, context.DeadlineExceeded):
		return errSlow
	default:
		return errInternal
	}
}

// fail answers with a page that says what went wrong. What is not the visitor's to mend
// is logged.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, v *visitor, err error) {
	f := failureOf(err)
	if f.Status >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		c.Log.Error("page failed", zap.String("path", r.URL.Path), zap.Error(err))
	}
	if err := c.render(w, r, v, rendering{page: "failure", title: f.Title, status: f.Status, data: f}); err != nil {
		http.Error(w, f.Title, f.Status)
	}
}

// recovered turns a panic into a page that fails.
func (c *Console) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				// The cause is not logged: it may quote a payload.
				c.Log.Error("page panicked", zap.String("path", r.URL.Path), zap.ByteString("stack", debug.Stack()))
				c.fail(w, r, nil, errInternal)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
