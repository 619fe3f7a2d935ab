package doctor_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/cli/internal/doctor"
	"github.com/penstock/penstock/cli/internal/rabbit"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// looked returns what the check of the management interface finds with these queues.
func looked(t *testing.T, queues string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := "[]"
		switch {
		case strings.HasSuffix(r.URL.Path, "/whoami"):
			answer = "{}"
		case strings.HasPrefix(r.URL.Path, "/api/queues/"):
			answer = queues
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	m, err := rabbit.New(t.Context(), strings.Replace(server.URL, "http://", "http://u:p@", 1), amqpx.Config{URLs: []string{"amqp://127.0.0.1/"}})
	require.NoError(t, err)
	i := &doctor.Installation{Management: m, Plan: topology.Plan{Routes: []topology.Route{{Name: "invoices"}}, NoStreams: true}}
	var b strings.Builder
	for _, f := range found(t, i, "management") {
		b.WriteString(string(f.Status) + " " + f.Text + "\n")
	}
	return b.String()
}

func TestPoliciesThatLoseEventsAreFound(t *testing.T) {
	t.Parallel()
	queue := func(name, more string) string { return `{"name": "` + name + `", "type": "quorum"` + more + `}` }
	ttl := `, "policy": "tidy", "effective_policy_definition": {"message-ttl": 60000}`
	for name, tt := range map[string]struct{ queues, want, not string }{
		"a time to live": {
			queue("penstock.dead.invoices", ttl) + "," + queue("penstock.route.invoices", ttl),
			"error the policy tidy sets message-ttl to 60000: what waits for longer is gone, in 2 queues (penstock.dead.invoices, penstock.route.invoices)\n", "",
		},
		"an operator's": {
			queue("penstock.dead.invoices", `, "policy": null, "operator_policy": "guard", "effective_policy_definition": {"expires": 1800000}`),
			"error the policy guard sets expires to 1800000: a queue that no process uses for so long is deleted", "",
		},
		"a length": {
			queue("penstock.dead.invoices", `, "policy": "small", "arguments": {}, "effective_policy_definition": {"max-length": 10}`),
			"error the policy small sets max-length to 10: the oldest event is gone", "",
		},
		"a length that refuses":    {queue("penstock.dead.invoices", `, "policy": "small", "arguments": {"x-overflow": "reject-publish"}, "effective_policy_definition": {"max-length": 10}`), "", "max-length"},
		"one of a delay level":     {queue("penstock.delay.3", ttl), "", "message-ttl"},
		"one of a stream":          {`{"name": "penstock.status", "type": "stream"` + ttl + `}`, "", "message-ttl"},
		"a queue that is not ours": {queue("other", ttl), "", "message-ttl"},
		"none":                     {queue("penstock.dead.invoices", `, "policy": null, "effective_policy_definition": []`), "ok nothing is left over", "error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := looked(t, "["+tt.queues+"]")
			require.Contains(t, got, tt.want)
			if tt.not != "" {
				require.NotContains(t, got, tt.not)
			}
		})
	}
}

func TestQueuesThatAreLeftOverAreOneLine(t *testing.T) {
	t.Parallel()
	var queues []string
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		queues = append(queues, `{"name": "penstock.route.`+name+`", "messages": 2}`, `{"name": "penstock.dead.`+name+`", "messages": 0}`)
	}
	got := looked(t, "["+strings.Join(queues, ",")+"]")
	require.Contains(t, got, "warning 12 queues of no route any more, with 12 events: ")
	require.Contains(t, got, "and 9 more\n")
	require.Equal(t, 1, strings.Count(got, "of no route"))
}

func TestEventsThatWaitWithoutADelivererAreFound(t *testing.T) {
	t.Parallel()
	got := looked(t, `[{"name": "penstock.route.invoices", "messages": 7, "consumers": 0}]`)
	require.Contains(t, got, "error 7 events wait in the queues of 1 route without a deliverer: invoices\n")
	require.NotContains(t, looked(t, `[{"name": "penstock.route.invoices", "messages": 7, "consumers": 1}]`), "error")
}

func TestWhatKeepsEventsFromBeingDeliveredIsFound(t *testing.T) {
	t.Parallel()
	waiting := `"counts": {"pending": 1, "retrying": 2}, "oldestWaitingAt": "` + time.Now().Add(-14*time.Minute).UTC().Format(time.RFC3339) + `"`
	failure := `"lastFailure": {"at": "` + time.Now().Add(-time.Minute).UTC().Format(time.RFC3339) + `", "reason": "rejected", "httpStatus": 422, "error": "no such plan", "event": "e", "route": "r"}`
	for name, tt := range map[string]struct {
		state, want string
	}{
		"failing":      {"failing", "error route invoices fails: 3 events wait, the oldest for 14m"},
		"no deliverer": {"no-deliverer", "error route invoices has no deliverer: 3 events wait, the oldest for 14m"},
		"troubled":     {"troubled", "rejected, HTTP 422, no such plan"},
		"paused":       {"paused", "warning route invoices is paused: 3 events wait"},
		"ok":           {"ok", "ok nothing keeps the events of 1 route from being delivered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := at(t, 0, `{"routes": [{"name": "invoices", "configured": true, `+waiting+`, "health": {"state": "`+tt.state+`", `+failure+`}}]}`)
			client, err := trackerclient.Connect(server.URL, "", trackerclient.WithHTTPClient(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}))
			require.NoError(t, err)
			f := found(t, &doctor.Installation{Tracker: client, TrackerURL: server.URL}, "delivery")
			require.Len(t, f, 1)
			require.Contains(t, string(f[0].Status)+" "+f[0].Text, tt.want)
			require.Equal(t, f[0].Status != doctor.OK, f[0].Remedy != "")
		})
	}
}
