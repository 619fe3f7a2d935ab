package config_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
)

func TestAnAccountIsRefused(t *testing.T) {
	t.Parallel()
	const git = `provider: github, source: hub, settings: {repository: acme/shop, hook: "1"}, credentials: {token: "${TOKEN}"}, `
	const pay = `provider: stripe, credentials: {key: "${TOKEN}"}, `
	for name, tc := range map[string]struct {
		keys string
		want []string
	}{
		"with nothing":                      {``, []string{`.provider: there is no account provider ""`, ".source: an account belongs to a source: source is missing"}},
		"of a provider that is none":        {`provider: githup, source: hub`, []string{`.provider: there is no account provider "githup", did you mean github?`}},
		"of a source that is none":          {pay + `source: pey`, []string{`.source: there is no source "pey"`}},
		"of another provider's source":      {pay + `source: hub`, []string{".source: the source's provider is not stripe: the ids of its events could not be compared"}},
		"of a source that forgets too soon": {pay + `source: short`, []string{".source: Stripe tries again for 3d, and the source's dedup.window is shorter: what is fetched could be delivered twice"}},
		"of a source that knows no repeats": {pay + `source: off`, []string{".source: Stripe tries again for 3d"}},
		"without what the provider needs":   {`provider: gitlab, source: lab, settings: {project: acme/shop}, credentials: {token: "${TOKEN}"}`, []string{": the account of GitLab needs project and hook and token; or group and hook and token"}},
		"with a setting that is none":       {`provider: stripe, source: pay, settings: {endpiont: we_1}, credentials: {key: "${TOKEN}"}`, []string{".settings.endpiont: Stripe has no such setting; there are account, endpoint"}},
		"with a setting of another form":    {`provider: github, source: hub, settings: {repository: shop, hook: "1"}, credentials: {token: "${TOKEN}"}`, []string{".settings.repository: expected the repository"}},
		"with a credential that is none":    {`provider: stripe, source: pay, credentials: {token: "${TOKEN}"}`, []string{".credentials.token: Stripe has no such credential; there are key"}},
		"with a literal credential":         {`provider: stripe, source: pay, credentials: {key: sk_live}`, []string{".credentials.key: a secret is never written here"}},
		"with too short an interval":        {git + `interval: 1s`, []string{".interval: the duration is 10s to 1d"}},
		"with too long a window":            {git + `window: 31d`, []string{".window: the duration is 10m to 30d"}},
		"with too young a secret":           {git + `secretMaxAge: 1h`, []string{".secretMaxAge: the duration is 1d to 3650d"}},
		"with a filter that is none":        {git + `filter: "body."`, []string{".filter: "}},
		"with what its API does not take":   {pay + `source: pay, redeliver: true`, []string{".redeliver: the API of Stripe takes no request to deliver again; leave it out"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := problems(t, accounts(tc.keys), config.Accounts)
			for _, want := range tc.want {
				require.Contains(t, fmt.Sprint(got), want)
			}
		})
	}
}

// accounts is a configuration with one account.
func accounts(keys string) string {
	return `sources:
  hub: {provider: github, secrets: ["${SECRET}"]}
  lab: {provider: gitlab, secrets: ["${SECRET}"]}
  pay: {provider: stripe, secrets: ["${SECRET}"]}
  short: {provider: stripe, secrets: ["${SECRET}"], dedup: {window: 1h}}
  off: {provider: stripe, secrets: ["${SECRET}"], dedup: {window: off}}
accounts: {a: {` + keys + `}}
`
}

func TestAnAccountKnowsItsProvidersTimes(t *testing.T) {
	t.Parallel()
	c := load(t, accounts(`provider: gitlab, source: lab, settings: {group: acme/team, hook: "7"}, credentials: {token: "${TOKEN}"}`), config.Accounts)
	a := c.Accounts["a"]
	require.Equal(t, a.Facts().Window, a.LookBack())
	require.Equal(t, a.Facts().Wait, a.LateBy())
	a.Window, a.Wait = config.Duration(a.Facts().Window)*2, 1
	require.Equal(t, a.Facts().Window, a.LookBack(), "no further than the API goes")
	require.EqualValues(t, 1, a.LateBy())
}
