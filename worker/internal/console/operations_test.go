package console_test

import (
	"context"
	"sync"
	"time"

	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/store"
)

// operations is a fake that notes what it is asked for.
type operations struct {
	mu       sync.Mutex
	asked    []api.JobRequest
	by       []string
	paused   map[string]bool
	breaker  *api.Breaker // of the only destination
	health   *api.Health
	routes   []api.Route // besides
	waiting  map[string]*api.Waits
	job      api.Job
	sources  []api.Source
	ledger   api.Ledger
	accounts []api.Account
	sent     []api.Sent

	recovered []string // accounts

	missing  api.MissingPage
	overview api.Overview
	incident api.Incident
}

func newOperations() *operations {
	return &operations{
		paused: map[string]bool{}, job: api.Job{Id: "job-1", Kind: api.Replay, State: api.Running, RatePerSecond: 100, CreatedAt: start, By: "writer"},
		incident: api.Incident{Id: "incident-1", Kind: "delivery-failing", State: api.IncidentOpen, Severity: api.SeverityCritical, Title: "Deliveries of route invoices fail: rejected, HTTP 422",
			Cause: "Look.", Route: new("invoices"), Answer: new("order <b>4711</b>"), Shape: new("order #"), Dead: 12, Failures: 12, FirstAt: start, LastAt: start, Samples: []string{"e1"}},
		sources: []api.Source{{Name: "shop", Configured: true}, {Name: "quiet", Configured: true, Open: true}},
	}
}

func (o *operations) Overview(context.Context, time.Time, time.Duration, api.Grouping) (api.Overview, error) {
	return o.overview, nil
}

func (o *operations) Sources(context.Context) ([]api.Source, error) { return o.sources, nil }

func (o *operations) Routes(context.Context) ([]api.Route, error) {
	to := "billing"
	o.mu.Lock()
	defer o.mu.Unlock()
	route := api.Route{Name: "invoices", Configured: true, Destination: &to, Breaker: o.breaker, Health: o.health}
	paused := o.paused[to] || o.paused["route/invoices"]
	route.Paused = &paused
	if paused {
		route.Health = &api.Health{State: api.HealthStatePaused}
	}
	if o.paused["route/invoices"] {
		route.Pause = &api.Pause{At: start}
	}
	return append([]api.Route{route}, o.routes...), nil
}

func (o *operations) Destinations(context.Context) ([]api.Destination, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return []api.Destination{{Name: "billing", Configured: true, Routes: []string{"invoices"}, Paused: o.paused["billing"], Breaker: o.breaker, Health: o.health}}, nil
}

func (o *operations) Pause(_ context.Context, by, name string, pause bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.by = append(o.by, by)
	o.paused[name] = pause
	return nil
}

func (o *operations) HoldRoute(ctx context.Context, by, name string, pause bool) error {
	return o.Pause(ctx, by, "route/"+name, pause)
}

func (o *operations) Waiting(context.Context, *store.Event) (map[string]*api.Waits, error) {
	return o.waiting, nil
}

func (o *operations) Jobs(context.Context, string, int) (api.JobPage, error) {
	return api.JobPage{Jobs: []api.Job{o.job}}, nil
}

func (o *operations) Job(_ context.Context, id string) (api.Job, error) {
	if id != o.job.Id {
		return api.Job{}, store.ErrNotFound
	}
	return o.job, nil
}

func (o *operations) MakeJob(_ context.Context, by string, what api.JobRequest) (api.Job, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked, o.by = append(o.asked, what), append(o.by, by)
	return o.job, nil
}

func (o *operations) StopJob(_ context.Context, by, _ string) (api.Job, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.by = append(o.by, by)
	return o.job, nil
}

func (o *operations) Ledger(context.Context) (api.Ledger, error) { return o.ledger, nil }

func (o *operations) Missing(context.Context, string, int) (api.MissingPage, error) {
	return o.missing, nil
}

func (o *operations) Audit(context.Context, string, int) (api.AuditPage, error) {
	return api.AuditPage{Entries: []api.AuditEntry{{Id: "1", At: start, By: "writer", Action: "pause", Target: "billing"}}}, nil
}

func (o *operations) Accounts(context.Context) ([]api.Account, error) { return o.accounts, nil }

func (o *operations) Sent(context.Context, store.SentQuery) ([]api.Sent, error) { return o.sent, nil }

func (o *operations) Recover(_ context.Context, by, account string) (api.Account, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.by, o.recovered = append(o.by, by), append(o.recovered, account)
	return api.Account{}, nil
}

func (o *operations) Gaps(context.Context) ([]store.Gap, error) { return nil, nil }

func (o *operations) Incidents(context.Context, store.IncidentQuery) (api.IncidentPage, error) {
	return api.IncidentPage{Incidents: []api.Incident{o.incident}}, nil
}

func (o *operations) Incident(_ context.Context, id string) (api.IncidentDetail, error) {
	if id != o.incident.Id {
		return api.IncidentDetail{}, store.ErrNotFound
	}
	return api.IncidentDetail{Incident: o.incident, History: []api.IncidentChange{{At: start, Change: api.ChangeOpened}}}, nil
}

func (o *operations) act(by, what string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.by = append(o.by, by+" "+what)
	return nil
}

func (o *operations) Acknowledge(_ context.Context, by, id string) error {
	return o.act(by, "acknowledges "+id)
}

func (o *operations) Resolve(_ context.Context, by, id string) error {
	return o.act(by, "resolves "+id)
}

func (o *operations) Mute(_ context.Context, by, id string, _ time.Time) error {
	return o.act(by, "mutes "+id)
}

func (o *operations) WorkOnIncident(_ context.Context, by, id string, kind api.JobKind) (api.Job, error) {
	return o.job, o.act(by, string(kind)+"s "+id)
}
