package console

import (
	"context"
	"time"

	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/store"
)

// Operations are what the API does as well; the console asks the same code.
type Operations interface {
	Overviews
	Installation
	Jobs
	Incidents
	Books
	Accounts
}

// Incidents are what fails, and what can be done about it.
type Incidents interface {
	Incidents(ctx context.Context, q store.IncidentQuery) (api.IncidentPage, error)
	Incident(ctx context.Context, id string) (api.IncidentDetail, error)
	Acknowledge(ctx context.Context, by, id string) error
	Mute(ctx context.Context, by, id string, until time.Time) error
	Resolve(ctx context.Context, by, id string) error
	// WorkOnIncident makes a job that replays or discards exactly its dead letters.
	WorkOnIncident(ctx context.Context, by, id string, kind api.JobKind) (api.Job, error)
}

// Overviews count what happens.
type Overviews interface {
	// Overview returns how it stands, with buckets of the given length from a time on.
	Overview(ctx context.Context, since time.Time, bucket time.Duration, by api.Grouping) (api.Overview, error)
}

// Installation is what the configuration says, and how the deliverers see it.
type Installation interface {
	Sources(ctx context.Context) ([]api.Source, error)
	Routes(ctx context.Context) ([]api.Route, error)
	Destinations(ctx context.Context) ([]api.Destination, error)
	// Pause stops delivering to a destination, or goes on with it.
	Pause(ctx context.Context, by, destination string, pause bool) error
	// HoldRoute stops delivering the events of a route, or goes on with it.
	HoldRoute(ctx context.Context, by, route string, pause bool) error
	// Waiting returns why each delivery of an event waits that is not finished, by its route.
	Waiting(ctx context.Context, e *store.Event) (map[string]*api.Waits, error)
}

// Jobs replay and discard.
type Jobs interface {
	Jobs(ctx context.Context, cursor string, limit int) (api.JobPage, error)
	Job(ctx context.Context, id string) (api.Job, error)
	MakeJob(ctx context.Context, by string, what api.JobRequest) (api.Job, error)
	StopJob(ctx context.Context, by, id string) (api.Job, error)
}

// Accounts find and recover what providers could not deliver.
type Accounts interface {
	Accounts(ctx context.Context) ([]api.Account, error)
	Sent(ctx context.Context, q store.SentQuery) ([]api.Sent, error)
	Recover(ctx context.Context, by, account string) (api.Account, error)
}

// Books say whether all is accounted for, and who did what.
type Books interface {
	Ledger(ctx context.Context) (api.Ledger, error)
	Missing(ctx context.Context, cursor string, limit int) (api.MissingPage, error)
	Audit(ctx context.Context, cursor string, limit int) (api.AuditPage, error)
	Gaps(ctx context.Context) ([]store.Gap, error)
}
