package replay

import (
	"context"

	"github.com/penstock/penstock/worker/internal/store"
)

// Sweep goes once through the dead letters of a route for a job, and returns what that
// did.
func (r *Runner) Sweep(ctx context.Context, job *store.Job, route string) (done int64, err error) {
	w := newWork(r, job)
	err = w.sweepRoute(ctx, route, all)
	return w.progress.Done, err
}
