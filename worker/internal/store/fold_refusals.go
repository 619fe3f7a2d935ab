package store

import (
	"context"
	"errors"

	"github.com/penstock/penstock/pkg/refusal"
	"github.com/penstock/penstock/worker/internal/incident"
)

// foldRefusals adds the requests that were refused as not authentic to their incidents.
func (t *tx) foldRefusals(ctx context.Context, counts []refusal.Count) error {
	f := newFolding()
	var failures []failure
	var ids []string
	for _, c := range counts {
		if key, doubtful := incident.OfRefusal(c.Source, c.Reason); doubtful {
			failures, ids = append(failures, failure{key: key, at: c.LastAt, n: c.N}), append(ids, key.ID())
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if err := errors.Join(t.lockIncidents(ctx), t.readIncidents(ctx, f, map[string][]string{"id": ids})); err != nil {
		return err
	}
	for _, one := range failures {
		f.fold(one)
	}
	return t.saveIncidents(ctx, f)
}
