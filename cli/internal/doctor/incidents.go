package doctor

import (
	"context"
	"fmt"

	"github.com/penstock/penstock/pkg/trackerclient"
)

// incidentsShown bounds the incidents that are reported one by one.
const incidentsShown = 20

// incidents reports the unresolved incidents. One that a person looks after is a warning.
func (i *Installation) incidents(ctx context.Context) []Finding {
	limit := incidentsShown + 1
	a, err := i.Tracker.ListIncidentsWithResponse(ctx, &trackerclient.ListIncidentsParams{Limit: &limit})
	if err != nil || a.JSON200 == nil {
		return []Finding{skipped("the tracker does not list incidents", "Is it of an older release?")}
	}
	all := a.JSON200.Incidents
	if len(all) == 0 {
		return []Finding{ok("no incident is open")}
	}
	var found []Finding
	for n := range all[:min(len(all), incidentsShown)] {
		found = append(found, incidentFinding(&all[n]))
	}
	if len(all) > incidentsShown {
		found = append(found, warning("there are more incidents", "penstock incidents list shows them."))
	}
	return found
}

func incidentFinding(one *trackerclient.Incident) Finding {
	text := fmt.Sprintf("incident %s, %s: %s", one.Id, one.State, one.Title)
	remedy := one.Cause + " penstock incidents show " + one.Id
	if one.Severity == trackerclient.SeverityCritical && one.State == trackerclient.IncidentOpen && !one.Muted {
		return failure(text, remedy)
	}
	return warning(text, remedy)
}
