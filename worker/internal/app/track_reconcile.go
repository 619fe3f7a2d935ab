package app

import (
	"context"
	"net/http"
	"time"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/adapter"
	"github.com/penstock/penstock/worker/internal/reconcile"
)

// makeReconciler makes what finds and recovers the events that providers could not deliver.
func (t *Tracker) makeReconciler(v voice) (err error) {
	t.reconcile, err = reconcile.New(reconcile.Options{
		Store: t.store, Tracker: t.tracker, Publisher: v.publisher, Config: t.config.Load,
		Archive: t.settings.Archive && t.settings.HasStreams(), Retention: t.settings.Retention, Meter: t.tel.Meter, Log: t.log,
	})
	return err
}

// checkAccount asks a provider what the credentials of an account may do.
func checkAccount(ctx context.Context, a *config.Account) (adapter.Report, adapter.Usage, error) {
	api, err := adapter.New(a, http.DefaultTransport, time.Now)
	if err != nil {
		return adapter.Report{}, adapter.Usage{}, err
	}
	report, err := api.Check(ctx)
	return report, api.Usage(), err
}
