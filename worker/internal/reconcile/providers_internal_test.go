package reconcile

import (
	"net/http"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/account/accounttest"
)

// sends makes events happen, and says how often its API was used.
type sends interface {
	http.Handler
	Happen(typ string) string
	Calls() int
	Break(status int)
	Revoke(token string)
}

// retries is a provider that tries again by itself.
type retries interface{ Retry() }

// provider is one in a world: its account, its fake, and what its API has.
type provider struct {
	name       string
	account    string // settings and credentials
	secret     string // that the credential is
	make       func(o accounttest.Options) sends
	skew       time.Duration // of its clock
	page       int           // how many events its list has on a page
	all        bool          // it lists what was delivered too
	forgets    bool          // a repetition after a moment is a further round for the gateways
	redelivers bool          // it is asked to deliver again in an outage
}

// providers are all, with clocks that differ from ours.
func providers() []provider {
	return []provider{
		{
			name: "github", account: `settings: {repository: acme/shop, hook: "1"}, credentials: {token: "${T}"}, redeliver: true`, secret: "token",
			make: func(o accounttest.Options) sends { return accounttest.NewGitHub(o) }, skew: 7 * time.Second, page: 100, all: true, forgets: true, redelivers: true,
		},
		{
			name: "gitlab", account: `settings: {project: acme/shop, hook: "1"}, credentials: {token: "${T}"}`, secret: "token",
			make: func(o accounttest.Options) sends { return accounttest.NewGitLab(o) }, skew: -9 * time.Second, page: 20, all: true, forgets: true,
		},
		{
			name: "stripe", account: `settings: {endpoint: we_1}, credentials: {key: "${T}"}`, secret: "token",
			make: func(o accounttest.Options) sends { return accounttest.NewStripe(o) }, skew: -3 * time.Second, page: 100,
		},
		{
			name: "paddle", account: `settings: {notificationSetting: ntfset_1}, credentials: {key: "${T}"}, redeliver: true`, secret: "token",
			make: func(o accounttest.Options) sends { return accounttest.NewPaddle(o) }, skew: 40 * time.Second, page: 200, all: true,
		},
		{
			name: "paypal", account: `settings: {webhook: WH1, clientID: id}, credentials: {clientSecret: "${T}"}, redeliver: true`, secret: "secret",
			make: func(o accounttest.Options) sends { return accounttest.NewPayPal(o) }, skew: -25 * time.Second, page: 300, all: true,
		},
		{
			name: "square", account: `settings: {subscription: wbhk_1}, credentials: {token: "${T}"}`, secret: "token",
			make: func(o accounttest.Options) sends { return accounttest.NewSquare(o) }, skew: 2 * time.Second, page: 100, all: true,
		},
	}
}

// text is the configuration with the provider's account, which recovers.
func (p *provider) text() string {
	return strings.NewReplacer("@PROVIDER@", p.name, "@ACCOUNT@", p.account).Replace(`
sources: {hub: {provider: @PROVIDER@, secrets: ["${S}"]}}
destinations: {out: {url: "https://out.example/"}}
routes: {out: {from: [hub], to: out}}
accounts:
  hub: {provider: @PROVIDER@, source: hub, @ACCOUNT@, recover: true}
`)
}

// start puts the provider into its world.
func (p *provider) start(w *world) sends {
	w.noRetry = p.forgets
	fake := p.make(accounttest.Options{
		Deliver: w.deliver, Now: func() time.Time { return w.now.Add(p.skew) }, Late: 5 * time.Second, Token: "token",
	})
	w.api = fake
	return fake
}

// optimal is how many calls a client needs that wastes none: it lists each event once, looks as
// often as the account does, and asks for each redelivery once.
func (p *provider) optimal(sent, failed, asked int) int {
	listed := failed
	if p.all {
		listed = sent + asked // a redelivery is listed too
	}
	return (listed+p.page-1)/p.page + asked + int(span/(5*time.Minute))
}
