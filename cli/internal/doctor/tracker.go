package doctor

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/penstock/penstock/pkg/trackerclient"
)

func (i *Installation) tracker(ctx context.Context) []Finding {
	before := i.Now()
	a, err := i.Tracker.GetMeWithResponse(ctx)
	if err != nil {
		if !i.TrackerNamed {
			return []Finding{skipped("no tracker at "+i.TrackerURL, "Say where it is with --api URL, or PENSTOCK_API_URL.")}
		}
		return []Finding{failure("the tracker at "+i.TrackerURL+" does not answer: "+text(err), webRemedy(err, "'worker track'"))}
	}
	after := i.Now()
	found := []Finding{i.admitted(a), clock("the tracker", dateOf(a.HTTPResponse.Header), before, after)}
	if a.JSON200 != nil {
		found = append(found, i.incidents(ctx)...)
	}
	return found
}

// admitted judges what the tracker says of the token.
func (i *Installation) admitted(a *trackerclient.GetMeResponse) Finding {
	switch status := a.StatusCode(); {
	case a.JSON200 != nil:
		scopes := make([]string, 0, len(a.JSON200.Scopes))
		for _, s := range a.JSON200.Scopes {
			scopes = append(scopes, string(s))
		}
		return ok(fmt.Sprintf("%s answers; the token of %s may %s", i.TrackerURL, a.JSON200.Name, strings.Join(scopes, " and ")))
	case status == http.StatusUnauthorized:
		return failure("the tracker at "+i.TrackerURL+" does not accept the token", "Give the file of a token that its tokens file names with --token-file.")
	case status == http.StatusForbidden:
		return failure("the token lacks the scope read", "Give the file of a token with it with --token-file.")
	case status == http.StatusServiceUnavailable:
		return failure("the tracker at "+i.TrackerURL+" is not ready", "Look at its /readyz and its log.")
	default:
		return failure(fmt.Sprintf("what answers at %s with %d is no tracker", i.TrackerURL, status), "Say where the tracker is with --api URL.")
	}
}
