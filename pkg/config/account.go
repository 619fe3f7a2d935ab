package config

import (
	"time"

	"github.com/penstock/penstock/pkg/account"
)

// Account is an account at a provider by whose API the tracker finds out which events the
// provider could not deliver to a source, and recovers them.
type Account struct {
	// The account's name: its key in the file.
	Name string `yaml:"-"`
	// The provider whose API it is, such as github. See the guide to gaps.
	Provider string `yaml:"provider"`
	// The source that the provider sends to. Its provider is the same.
	Source string `yaml:"source"`
	// Which of the provider's subscriptions it is about, such as {repository: acme/shop, hook: "12345"}. The
	// guide to gaps lists what each provider needs.
	Settings map[string]string `yaml:"settings"`
	// What the API takes, such as {token: "${GITHUB_TOKEN}"}. A right to read is enough to see gaps.
	Credentials map[string]Secret `yaml:"credentials"`
	// Where the API is. The provider's own address when it is left out.
	URL string `yaml:"url"`
	// How often the provider is asked, 10s to 1d.
	Interval Duration `yaml:"interval"`
	// How far back events are looked for at most, 10m to 30d. As far as the API goes when it is left out.
	Window Duration `yaml:"window"`
	// How old an event is before it counts as missing, 10s to 1d: until then it may still arrive. As the
	// provider needs it when it is left out.
	Wait Duration `yaml:"wait"`
	// Topic patterns over the event's type, as those of a route. Events of other types are not looked
	// for. All types when it is left out.
	Types []string `yaml:"types"`
	// A CEL expression over source, type, headers, body and form. Missing events that it is false for are
	// not recovered. None when it is left out.
	Filter string `yaml:"filter"`
	// How old the secret of the provider's subscription may be, 1d to 3650d, before Penstock says so. GitHub,
	// Square and Paddle show how old it is. Any age when it is left out.
	SecretMaxAge Duration `yaml:"secretMaxAge"`
	// Lets Penstock ask the provider to deliver a missing event again. The credentials need a right to write
	// for that.
	Redeliver bool `yaml:"redeliver"`
	// Recovers what is missing. Otherwise Penstock only shows it.
	Recover bool `yaml:"recover"`
}

// Facts returns what is known of the provider's API. It is empty for an unknown one.
func (a *Account) Facts() *account.Facts {
	if facts, known := account.Lookup(a.Provider); known {
		return facts
	}
	return &account.Facts{}
}

// LookBack returns how far back events are looked for.
func (a *Account) LookBack() time.Duration {
	if window := a.Facts().Window; a.Window == 0 || time.Duration(a.Window) > window {
		return window
	}
	return time.Duration(a.Window)
}

// LateBy returns how old an event is before it counts as missing.
func (a *Account) LateBy() time.Duration {
	if a.Wait == 0 {
		return a.Facts().Wait
	}
	return time.Duration(a.Wait)
}

func defaultAccount() Account {
	return Account{Interval: Duration(5 * time.Minute), Types: []string{"#"}}
}
