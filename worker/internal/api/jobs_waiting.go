package api

import (
	"fmt"

	"github.com/penstock/penstock/worker/internal/store"
)

// waiting completes the filter of a job about events that wait, and refuses a job that could do
// nothing.
func (s *Server) waiting(what *JobRequest, f *store.Filter) error {
	now := what.Kind == RetryNow
	if f.State == "" && (now || len(f.IDs) == 0) {
		f.State = store.Retrying
	}
	route := s.options.Config().Routes[f.Route]
	switch {
	case what.To != nil:
		return invalid("to: only a replay leads to another route")
	case f.State == store.Pending && now:
		return invalid("filter.state: what is pending is tried as soon as it can be; only what is retrying can be retried now")
	case f.State != "" && f.State != store.Pending && f.State != store.Retrying:
		return invalid("filter.state: only what is pending or retrying waits")
	case now && s.options.Archive == nil:
		return invalid("there is no archive (PENSTOCK_ARCHIVE, PENSTOCK_STREAMS): nothing can be retried now; it is retried when its next attempt is due")
	case now && f.Route != "" && route == nil:
		return invalid(fmt.Sprintf("filter.route: there is no route %q in the configuration", f.Route))
	case now && route != nil && route.Partitions() > 0:
		return invalid(fmt.Sprintf("filter.route: the route %q keeps an order; an event that is retried now would come behind later ones of its key", f.Route))
	}
	return nil
}
