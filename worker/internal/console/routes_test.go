package console_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/console"
)

// showRoute returns the page of the route invoices with these keys, as a reader sees it.
func showRoute(t *testing.T, keys string) string {
	t.Helper()
	text := strings.Replace(configuration, "to: billing}", "to: billing"+keys+"}", 1)
	cfg, err := config.Parse("penstock.yaml", []byte(text), func(string) (string, bool) { return "", false }, config.NoSecrets)
	require.NoError(t, err)
	b := setup(t, func(o *console.Options) { o.Config = func() *config.Config { return cfg } })
	b.enter("reader")
	return b.get("/console/routes/invoices").body
}

func TestARoutePageSaysWhenAndAfterWhatAnAttemptIsMadeAgain(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		keys      string
		want, not []string
	}{
		"by default":                 {"", []string{"first after 5s, then 2 times as long each time, at most 6h; 15 attempts within 3d<", "becomes a dead letter<"}, []string{"First attempt", "Tried again after"}},
		"with a schedule":            {", retry: {schedule: [5s, 1m, 1h]}", []string{"<dd>after 5s, 1m, 1h</dd>"}, []string{"attempts", "within"}},
		"with a schedule and an age": {", retry: {schedule: [5s, 1m], maxAge: 1h}", []string{"<dd>after 5s, 1m within 1h</dd>"}, nil},
		"with statuses":              {`, retry: {retryOn: [408, 500-599, "!503"]}`, []string{"first after 5s,", "408, 500-599, !503, and no answer; any other failure becomes a dead letter"}, []string{"Refused for good"}},
		"with a delay":               {", delay: 10m", []string{"10m after the event was accepted"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := showRoute(t, tc.keys)
			at := strings.Index(page, `id="config"`)
			require.Positive(t, at)
			facts := page[at : at+strings.Index(page[at:], "</dl>")]
			for _, text := range tc.want {
				require.Contains(t, facts, text)
			}
			for _, text := range tc.not {
				require.NotContains(t, facts, text)
			}
		})
	}
}
