package httpapi

import (
	"errors"
	"net/http"

	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/ingest"
)

// recovered answers 500 to a request whose handling panicked, and keeps the
// process alive.
func (f *face) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(cause) // net/http's own way to cut a connection
			}
			// The cause is not logged: it may quote what was sent.
			f.log.Error("a request's handling panicked", zap.Stack("stack"))
			f.writeProblem(w, &ingest.Refusal{Kind: ingest.KindInternal})
		}()
		next.ServeHTTP(w, r)
	})
}
