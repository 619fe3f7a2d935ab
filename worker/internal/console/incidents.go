package console

import (
	"net/http"
	"time"

	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/incident"
	"github.com/penstock/penstock/worker/internal/store"
)

// incidentsPage lists incidents.
type incidentsPage struct {
	Page   api.IncidentPage
	State  string // unresolved, resolved or all
	Route  string
	Kind   string
	Source string
	States []string
	Routes []string
	Kinds  []incident.Kind
}

// Empty reports whether the list has no filter but the state.
func (p *incidentsPage) Empty() bool { return p.Route+p.Kind+p.Source == "" }

// incidentStates are the choices of the list, with the states that each stands for. The first
// one is the default.
var incidentStates = []struct {
	name   string
	states []incident.State
}{
	{"unresolved", []incident.State{incident.Open, incident.Acknowledged}},
	{"resolved", []incident.State{incident.Resolved}},
	{"all", nil},
}

// showIncidents answers GET /incidents: the first page of who is on call.
func (c *Console) showIncidents(w http.ResponseWriter, r *http.Request, v *visitor) error {
	q := r.URL.Query()
	data := incidentsPage{
		State: incidentStates[0].name, Route: q.Get("route"), Kind: q.Get("kind"), Source: q.Get("source"), Routes: c.routeNames(), Kinds: incident.Kinds(),
	}
	want := store.IncidentQuery{
		States: incidentStates[0].states, Kind: incident.Kind(data.Kind), Route: data.Route, Source: data.Source, After: q.Get("cursor"), Limit: pageSize,
	}
	for _, choice := range incidentStates {
		data.States = append(data.States, choice.name)
		if choice.name == q.Get("state") {
			data.State, want.States = choice.name, choice.states
		}
	}
	var err error
	if data.Page, err = c.Operations.Incidents(r.Context(), want); err != nil {
		return err
	}
	return c.render(w, r, v, rendering{page: "incidents", title: "Incidents", place: "incidents", data: &data})
}

// incidentPage is one incident.
type incidentPage struct {
	api.IncidentDetail

	Route     *api.Route // nil: there is none to pause
	Alongside []string   // the other routes to its destination
	Runbook   string     // of the alert about the same

	Quarantine bool // the source keeps what it refused
}

// showIncident answers GET /incidents/{id}.
func (c *Console) showIncident(w http.ResponseWriter, r *http.Request, v *visitor) error {
	detail, err := c.Operations.Incident(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	data := incidentPage{IncidentDetail: detail, Runbook: runbooks[incident.Kind(detail.Incident.Kind)]}
	if name := detail.Incident.Source; name != nil && incident.Kind(detail.Incident.Kind) == incident.VerificationFailing {
		source := c.Config().Sources[*name]
		data.Quarantine = c.Quarantine != nil && source != nil && source.Quarantine
	}
	if err := c.addRoute(r, &data); err != nil {
		return err
	}
	return c.render(w, r, v, rendering{page: "incident", title: detail.Incident.Title, place: "incidents", data: &data})
}

// addRoute adds the route that the incident is about, if it is about one.
func (c *Console) addRoute(r *http.Request, p *incidentPage) error {
	if p.Incident.Route == nil {
		return nil
	}
	all, err := c.Operations.Routes(r.Context())
	rows := make([]routeRow, len(all))
	for i := range all {
		rows[i].Route = all[i]
	}
	for i := range rows {
		if rows[i].Name == *p.Incident.Route && rows[i].Configured {
			p.Route, p.Alongside = &all[i], alongside(rows, rows[i])
		}
	}
	return err
}

// runbookBase is where the runbooks of the alerts are.
const runbookBase = "https://github.com/penstock/penstock/blob/main/docs/runbooks/"

// runbooks are those of the alerts, by the kind of incident that an alert is about.
var runbooks = map[incident.Kind]string{
	incident.DeliveryFailing:     runbookBase + "penstock-delivery-budget-burns-fast.md",
	incident.DeadLetters:         runbookBase + "penstock-dead-letters.md",
	incident.RuleFailing:         runbookBase + "penstock-dead-letters.md",
	incident.VerificationFailing: runbookBase + "penstock-verification-fails.md",
	incident.BacklogAge:          runbookBase + "penstock-oldest-waiting.md",
	incident.NoDeliverer:         runbookBase + "penstock-route-without-consumer.md",
	incident.Unaccounted:         runbookBase + "penstock-events-unaccounted.md",
	incident.ConfigRefused:       runbookBase + "penstock-config-refused.md",
	incident.ProviderGap:         runbookBase + "penstock-provider-gap.md",
	incident.CertificateExpires:  runbookBase + "penstock-certificate-expires.md",
}

// mutes are for how long an incident can be muted with a button.
var mutes = map[string]time.Duration{"1h": time.Hour, "8h": 8 * time.Hour, "24h": 24 * time.Hour, "off": 0}

// acknowledgeIncident answers POST /incidents/{id}/acknowledge.
func (c *Console) acknowledgeIncident(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return c.afterIncident(w, r, c.Operations.Acknowledge(r.Context(), v.Name, r.PathValue("id")), "acknowledged")
}

// resolveIncident answers POST /incidents/{id}/resolve.
func (c *Console) resolveIncident(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return c.afterIncident(w, r, c.Operations.Resolve(r.Context(), v.Name, r.PathValue("id")), "resolved")
}

// muteIncident answers POST /incidents/{id}/mute.
func (c *Console) muteIncident(w http.ResponseWriter, r *http.Request, v *visitor) error {
	span, known := mutes[r.PostFormValue("for")]
	if !known {
		return mend("There is no such time", "Choose one of the buttons.")
	}
	done := c.Operations.Mute(r.Context(), v.Name, r.PathValue("id"), c.now().Add(span))
	return c.afterIncident(w, r, done, map[bool]string{true: "muted", false: "unmuted"}[span > 0])
}

func (c *Console) afterIncident(w http.ResponseWriter, r *http.Request, done error, due string) error {
	if done != nil {
		return done
	}
	c.leave(w, r, Base+"/incidents/"+r.PathValue("id"), due)
	return nil
}

// workOnIncident answers POST /incidents/{id}/work: replays or discards exactly its dead letters.
func (c *Console) workOnIncident(w http.ResponseWriter, r *http.Request, v *visitor) error {
	kind, ok := jobKinds[r.PostFormValue("act")]
	if !ok {
		return mend("There is no such action", "Choose Replay or Discard.")
	}
	job, err := c.Operations.WorkOnIncident(r.Context(), v.Name, r.PathValue("id"), kind)
	if err != nil {
		return err
	}
	http.Redirect(w, r, Base+"/jobs/"+job.Id, http.StatusSeeOther)
	return nil
}
