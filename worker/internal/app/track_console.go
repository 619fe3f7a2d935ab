package app

import (
	"net/http"

	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/console"
)

// console makes the console over what the API works with.
func (t *Tracker) console(o api.Options) func(*api.Server) (http.Handler, error) {
	return func(s *api.Server) (http.Handler, error) {
		options := console.Options{
			Events: o.Store, Sessions: o.Store, Tokens: o.Guard, Operations: s, Archive: o.Archive, Config: o.Config, Log: t.log,
		}
		if t.quarantine != nil {
			options.Quarantine = t.quarantine
		}
		t.settings.ConsoleSettings.options(&options) //nolint:staticcheck // options of what is said by the name
		return console.New(options)
	}
}
