//go:build prove

package e2e

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestProve breaks an installation in every way that it knows, and counts what was
// accepted and not delivered. `make prove` runs it on a cluster of three nodes;
// PENSTOCK_PROVE_SHORT makes it short, PENSTOCK_PROVE_ONLY runs some faults, and
// PENSTOCK_PROVE_REPORT is the page that it writes.
func TestProve(t *testing.T) { //nolint:paralleltest // each fault breaks the one cluster
	chosen := choose()
	require.NotEmpty(t, chosen, "no fault has that name")
	var outcomes, control []outcome
	var last string // said once more at the end, below all the logs
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("it ended at %s, in: %s", time.Now().UTC().Format(time.TimeOnly), last)
		}
	})
	t.Run("confirmed", func(t *testing.T) { outcomes = prove(t, "", chosen, &last) })
	require.NotEmpty(t, outcomes, "the suite did not get through")
	if left := forControl(chosen); len(left) > 0 {
		t.Run("control", func(t *testing.T) { control = prove(t, unconfirmed, left, &last) })
	}

	page := newPage(t, outcomes, control)
	t.Logf("\n%s", page.tables())
	if path := os.Getenv("PENSTOCK_PROVE_REPORT"); path != "" && !t.Failed() {
		require.NoError(t, os.WriteFile(path, []byte(page.String()), 0o600))
		require.NoError(t, os.Chmod(path, 0o644))
	}
	for _, o := range outcomes {
		require.Zero(t, o.lost(), "%s: accepted events are lost", o.name)
		require.Zero(t, o.alarms, "%s: the ledger calls events missing that are not", o.name)
		require.Zero(t, o.other, "%s: answers that are neither 2xx nor 503", o.name)
		if os.Getenv("PENSTOCK_PROVE_SHORT") == "" { // which may share its machine with anything
			require.Less(t, o.first, 5*time.Second, "%s: accepting again takes too long", o.name)
			require.Less(t, o.recovery, o.heals, "%s: traces of it last too long", o.name)
		}
	}
	if len(control) == 0 {
		return // only faults were asked for that the control has not
	}
	require.Positive(t, totalLost(control), "the control lost nothing: the suite would not notice a loss")
}

func choose() (chosen []fault) {
	only, short := os.Getenv("PENSTOCK_PROVE_ONLY"), os.Getenv("PENSTOCK_PROVE_SHORT") != ""
	for _, f := range faults {
		if (only == "" || slices.Contains(strings.Split(only, ";"), f.name)) && (!short || f.short) {
			chosen = append(chosen, f)
		}
	}
	return chosen
}

// forControl leaves out the faults that stop no publish from being confirmed.
func forControl(chosen []fault) (left []fault) {
	for _, f := range chosen {
		if f.control {
			left = append(left, f)
		}
	}
	return left
}

func totalLost(outcomes []outcome) (lost int) {
	for _, o := range outcomes {
		lost += o.lost()
	}
	return lost
}

// prove runs the faults one after another against one installation. What it is at stands
// in doing.
func prove(t *testing.T, build string, chosen []fault, doing *string) (outcomes []outcome) {
	t.Helper()
	*doing = "the start"
	s := newSite(t, build)
	t.Cleanup(s.cluster.mend)
	for _, f := range chosen {
		*doing = f.name
		t.Logf("%s: %s", time.Now().UTC().Format(time.TimeOnly), f.name)
		o := s.suffer(f)
		outcomes = append(outcomes, o)
		t.Logf("%s: %d accepted, %d lost, %d refused, recovered after %v", o.name, o.accepted, o.lost(), o.refused, o.recovery.Round(time.Millisecond))
		o.tellLost(t)
		o.logSlow(t)
	}
	return outcomes
}

// suffer lives through one fault under load.
func (s *site) suffer(f fault) outcome {
	s.t.Helper()
	if f.prepare != nil {
		f.prepare(s)
	}
	alarms := s.watchLedger()
	load := s.send()
	defer load.stop()
	rest(3 * time.Second)
	require.Greater(s.t, load.count(accepted), perSecond, "%s: the load does not get going", f.name)
	over := f.strike(s, load)
	require.Eventually(s.t, func() bool { return load.acceptedAfter(over) }, 60*time.Second, 10*time.Millisecond, "%s: nothing is accepted any more", f.name)
	rest(5 * time.Second)
	all := load.end()
	s.settle(load.ids())
	o := assess(f.name, all, s.receiver, over)
	o.heals, o.alarms = cmp.Or(f.heals, 30*time.Second), alarms()
	return o
}

// settle waits until every event has arrived, or nothing has arrived for so long that
// nothing will any more.
func (s *site) settle(ids []string) {
	missing := len(ids)
	for progress := time.Now(); missing > 0 && time.Since(progress) < s.patience(); rest(100 * time.Millisecond) {
		if left := s.receiver.missing(ids); left < missing {
			missing, progress = left, time.Now()
		}
	}
}

// patience is long where a loss would be a failure.
func (s *site) patience() time.Duration {
	if s.build == unconfirmed {
		return 12 * time.Second
	}
	return 3 * time.Minute
}
