package config_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
)

const notified = `
sources: {shop: {open: true, scheme: {alg: none}}}
destinations: {billing: {url: "https://billing.example/"}}
routes: {invoices: {from: [shop], to: billing}}
notifications:
`

func parseNotifications(text string, parts ...config.Part) (*config.Config, error) {
	env := environment(map[string]string{"URL": "https://hooks.example/T0KEN", "SIGN": "c2VjcmV0", "BAD": "not base64!", "NOURL": "ftp://T0KEN"})
	return config.Parse("penstock.yaml", []byte(notified+text), env, parts...)
}

func TestChannelsAreReadWithTheirDefaults(t *testing.T) {
	t.Parallel()
	text := `  channels:
    team: {slack: {url: "${URL}"}}
    mail: {email: {server: "mail.example:587", from: a@example.com, to: [b@example.com]}}
  rules: [{channels: [team], kinds: [delivery-failing], severities: [critical], routes: [invoices], sources: [shop]}]`
	cfg, err := parseNotifications(text, config.Notified)
	require.NoError(t, err)
	team := cfg.Notifications.Channels["team"]
	require.Equal(t, "team slack", team.Name+" "+team.Kind())
	require.Equal(t, config.DefaultNotices, team.Limit)
	require.True(t, team.AllowPrivate)
	require.Equal(t, "https://hooks.example/T0KEN", team.Slack.URL.Reveal())
	require.Equal(t, config.StartTLS, cfg.Notifications.Channels["mail"].Email.TLS)
	for _, part := range []config.Part{config.Sources, config.Destinations, config.NoSecrets} {
		cfg, err := parseNotifications(text, part)
		require.NoError(t, err)
		require.Empty(t, cfg.Notifications.Channels["team"].Slack.URL.Reveal(), "only the tracker needs it")
	}
}

func TestWhatIsWrongWithNotificationsIsSaid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`  channels: {x: {}}`: "exactly one of webhook, slack, teams, email, pagerduty",
		`  channels: {x: {slack: {url: "${URL}"}, teams: {url: "${URL}"}}}`:                                       "exactly one of",
		`  channels: {x: {slack: {url: "https://hooks.example/T0KEN"}}}`:                                          "a secret is never written here",
		`  channels: {x: {slack: {url: "${NOURL}"}}}`:                                                             "is not a URL",
		`  channels: {x: {webhook: {url: "https://h/", secrets: ["${BAD}"]}}}`:                                    "not base64",
		`  channels: {x: {webhook: {url: "https://h/", secrets: []}}}`:                                            "at least one secret",
		`  channels: {x: {email: {server: mail, from: a@b.c, to: [a@b.c]}}}`:                                      "is not a server such as",
		`  channels: {x: {email: {server: "mail:25", tls: none, from: a@b.c, to: [a@b.c]}}}`:                      "expected starttls or implicit",
		`  channels: {x: {email: {server: "mail:25", from: nobody, to: []}}}`:                                     "is not an address",
		`  channels: {x: {email: {server: "mail:25", from: a@b.c, to: [a@b.c], username: u}}}`:                    "belong together",
		`  channels: {x: {pagerduty: {}}}`:                                                                        "integration key",
		`  channels: {x: {slack: {url: "${URL}"}, limit: 0}}`:                                                     "one message in an hour",
		`  channels: {x: {slack: {url: "${URL}"}, digest: 48h}}`:                                                  "24h at most",
		`  channels: {x: {slack: {url: "${URL}"}, quietHours: {from: "7", to: "25:00", timeZone: Mars}}}`:         "is not a time of day",
		`  channels: {x: {slack: {url: "${URL}"}, caFile: /none/ca.pem}}`:                                         "/none/ca.pem",
		`  rules: [{kinds: [delivery-failing]}]`:                                                                  "names the channels",
		"  channels: {x: {slack: {url: \"${URL}\"}}}\n  rules: [{channels: [y], kinds: [delivery-failling]}]":     "did you mean",
		"  channels: {x: {slack: {url: \"${URL}\"}}}\n  rules: [{channels: [x], severities: [odd], routes: [r]}]": "there is no severity",
	} {
		_, err := parseNotifications(text, config.Notified)
		require.ErrorContains(t, err, want, text)
		require.NotContains(t, err.Error(), "T0KEN")
	}
}

func TestQuietHoursEndOnTheDayOnWhichTheyEnd(t *testing.T) {
	t.Parallel()
	night := &config.QuietHours{From: "22:00", To: "07:00", TimeZone: "Europe/Berlin"}
	noon := &config.QuietHours{From: "12:00", To: "13:30"}
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return moment.UTC()
	}
	for now, end := range map[string]string{
		"2026-01-10T21:30:00Z": "2026-01-11T06:00:00Z", "2026-01-11T05:59:59Z": "2026-01-11T06:00:00Z", "2026-01-11T06:00:00Z": "", "2026-01-10T20:59:00Z": "",
	} {
		got := night.EndAfter(at(now))
		if end == "" {
			require.True(t, got.IsZero(), now)
			continue
		}
		require.Equal(t, at(end), got.UTC(), now)
	}
	require.Equal(t, at("2026-01-10T13:30:00Z"), noon.EndAfter(at("2026-01-10T12:00:00Z")).UTC())
	require.True(t, noon.EndAfter(at("2026-01-10T11:59:00Z")).IsZero())
	require.True(t, (*config.QuietHours)(nil).EndAfter(time.Now()).IsZero())
}
