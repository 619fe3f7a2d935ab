package reconcile

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/adapter"
)

func TestFindingsOfASubscription(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	old := now.Add(-400 * 24 * time.Hour)
	is := func(change func(s *adapter.Subscription)) *adapter.Report {
		s := adapter.Subscription{URL: "https://a.example/in/hub", Active: true, Types: []string{"push", "issues"}, Secret: "one"}
		change(&s)
		return &adapter.Report{Subscription: &s}
	}
	same := func(*adapter.Subscription) {}
	for name, test := range map[string]struct {
		now   *adapter.Report
		since time.Time // the secret was seen since
		want  []string
	}{
		"nothing is wrong":         {now: is(same)},
		"it is disabled":           {now: is(func(s *adapter.Subscription) { s.Active = false }), want: []string{FindingDisabled}},
		"it sends elsewhere":       {now: is(func(s *adapter.Subscription) { s.URL = "https://b.example/" }), want: []string{FindingURL, FindingURL}},
		"a type is gone":           {now: is(func(s *adapter.Subscription) { s.Types = []string{"push"} }), want: []string{FindingTypes}},
		"all types are sent":       {now: is(func(s *adapter.Subscription) { s.Types = []string{"*"} })},
		"the secret has changed":   {now: is(func(s *adapter.Subscription) { s.Secret = "two" }), since: old, want: []string{FindingSecret}},
		"the secret is old":        {now: is(same), since: old, want: []string{FindingSecret}},
		"it is unchanged for long": {now: is(func(s *adapter.Subscription) { s.Secret, s.Changed = "", old }), want: []string{FindingSecret}},
		"the token ends":           {now: &adapter.Report{Expires: now.Add(48 * time.Hour)}, want: []string{FindingToken}},
		"the token ends later":     {now: &adapter.Report{Expires: now.Add(480 * time.Hour)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := looked{
				last: Report{Subscription: is(same).Subscription, SecretSince: test.since}, now: test.now,
				publicURL: "https://a.example/in/hub", manage: "Settings > Webhooks", secretAge: 365 * 24 * time.Hour, at: now,
			}
			l.last.SecretSince = l.secretSince()
			var kinds []string
			for _, f := range l.findings() {
				kinds = append(kinds, f.Kind)
				if f.Kind != FindingToken {
					require.Contains(t, f.Text, "Settings > Webhooks", "it says where to go")
				}
			}
			require.Equal(t, test.want, kinds)
		})
	}
}

func TestAChangeIsShownForADayAndAStateForAsLongAsItLasts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	off := &adapter.Report{Subscription: &adapter.Subscription{URL: "https://b.example/"}}
	look := func(last Report, r *adapter.Report) Report {
		l := looked{last: last, now: r, at: now}
		return Report{Subscription: r.Subscription, Findings: l.findings()}
	}
	first := look(Report{Subscription: &adapter.Subscription{URL: "https://a.example/", Active: true}}, off)
	require.Len(t, first.Findings, 2)
	now = now.Add(time.Hour)
	second := look(first, off)
	require.ElementsMatch(t, first.Findings, second.Findings, "as old as they were")
	now = now.Add(24 * time.Hour)
	third := look(second, off)
	require.Len(t, third.Findings, 1)
	require.Equal(t, FindingDisabled, third.Findings[0].Kind)
	require.Empty(t, look(third, &adapter.Report{Subscription: &adapter.Subscription{URL: "https://b.example/", Active: true}}).Findings)
}
