package e2e

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

// listed is what docs/metrics.md says of one metric.
type listed struct {
	kind      string
	labels    []string
	processes []string
}

// readPage reads the table of docs/metrics.md.
func readPage(t *testing.T) map[string]listed {
	t.Helper()
	page, err := os.ReadFile("../docs/metrics.md")
	require.NoError(t, err)
	all := map[string]listed{}
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(line, "|"); len(cells) == 7 && strings.HasPrefix(line, "| `penstock_") {
			all[bare(cells[1])] = listed{strings.TrimSpace(cells[2]), words(cells[3]), words(cells[4])}
		}
	}
	require.Greater(t, len(all), 40, "the table was not found")
	return all
}

func bare(cell string) string { return strings.Trim(cell, " `") }

func words(cell string) (all []string) {
	for word := range strings.SplitSeq(cell, ",") {
		if bare(word) != "" {
			all = append(all, bare(word))
		}
	}
	return all
}

// exposure is what a process shows: the kind and the labels of each metric.
type exposure map[string]listed

func (p *process) exposes() exposure {
	p.t.Helper()
	status, page := p.get("/metrics")
	require.Equal(p.t, http.StatusOK, status)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(page))
	require.NoError(p.t, err)
	seen := exposure{}
	for name, family := range families {
		one := listed{kind: strings.ToLower(family.GetType().String())}
		for _, m := range family.GetMetric() {
			for _, label := range m.GetLabel() {
				if !slices.Contains(one.labels, label.GetName()) {
					one.labels = append(one.labels, label.GetName())
				}
			}
		}
		seen[name] = one
	}
	return seen
}

// quiet are the metrics that a process does not show until something happens that does
// not happen in this test, and what that is.
var quiet = map[string]string{
	"penstock_deferred_total":          "each queue takes events",
	"penstock_delay_lateness_seconds":  "nothing waits in a delay level for long",
	"penstock_exchange_refused_total":  "no queue of others is bound",
	"penstock_handshakes_total":        "no provider asks a question",
	"penstock_queue_shut":              "each queue takes events",
	"penstock_missing_events":          "there is no account at a provider",
	"penstock_ordering_full":           "no route is ordered",
	"penstock_ordering_parked":         "no route is ordered",
	"penstock_ordering_partitions":     "no route is ordered",
	"penstock_reconciled_events_total": "there is no account at a provider",
	"penstock_spool_drained_total":     "the broker is never away",
	"penstock_spool_kept_total":        "the broker is never away",
	"penstock_topology_refused":        "the broker refuses nothing",
}

func TestEachProcessExposesWhatTheListOfMetricsSays(t *testing.T) {
	t.Parallel()
	s := setup(t, strings.Replace(spooling, "onBrokerOutage", "quarantine: true, onBrokerOutage", 1))
	s.env["PENSTOCK_SPOOL_DIR"] = t.TempDir()
	processes := map[string]*process{"gateway": s.startGateway(), "deliverer": s.startDeliverer(), "tracker": s.startTracker().process}
	s.receiver.answer = func(attempt int, _ arrival) int {
		if attempt == 1 {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	}
	s.receiver.await(s.accept(newGithubEvent(1)), 2)
	s.refuseTwo()
	page := readPage(t)
	for name, p := range processes {
		require.Eventually(t, func() bool { return len(unseen(page, p.exposes(), name)) == 0 }, 60*time.Second, 200*time.Millisecond,
			"the list has for the %s, and it does not show: %v", name, unseen(page, p.exposes(), name))
		for metric, got := range p.exposes() {
			if strings.HasPrefix(metric, "go_") || strings.HasPrefix(metric, "process_") || metric == "target_info" {
				continue // said above the table
			}
			require.Contains(t, page, metric, "%s shows it", name)
			want := page[metric]
			require.Contains(t, want.processes, name, metric)
			require.Equal(t, want.kind, got.kind, metric)
			require.Subset(t, want.labels, got.labels, metric)
		}
	}
}

// refuseTwo sends what the quarantine keeps, and what is too large for it.
func (s *stack) refuseTwo() {
	s.t.Helper()
	for _, body := range []string{"{}", strings.Repeat("x", 2_000_000)} {
		forged := newGithubEvent(2)
		forged.secret, forged.body = "a guess", body
		require.Equal(s.t, http.StatusUnauthorized, s.post(forged).status)
	}
}

// unseen are the listed metrics of a process that it does not show with their labels.
func unseen(page map[string]listed, seen exposure, process string) (names []string) {
	for name, want := range page {
		got, shown := seen[name]
		whole := shown && len(got.labels) == len(want.labels)
		if slices.Contains(want.processes, process) && quiet[name] == "" && !whole {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
