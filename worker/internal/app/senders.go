package app

import (
	"fmt"
	"slices"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/deliver"
)

// sendersTo returns what is particular about the events of each source, to the destination:
// their credentials, and for one that forwards them the secrets that the deliverer has. It
// fails when a source has a secret that cannot be added to a request.
func sendersTo(d *config.Destination, sources map[string]*config.Source) (map[string]deliver.Sender, error) {
	senders := make(map[string]deliver.Sender, len(sources))
	for name, s := range sources {
		sender := deliver.Sender{Credentials: s.Credentials().Named()}
		if d.ForwardCredentials && len(s.Secrets) > 0 && s.Secrets[0].Reveal() != "" {
			secret, err := s.Compile()
			if err != nil {
				return nil, fmt.Errorf("destination %s: source %s: %w", d.Name, name, err)
			}
			sender.Secret = secret
		}
		senders[name] = sender
	}
	return senders, nil
}

// sameSenders reports whether a destination's events come from senders as before.
func sameSenders(d *config.Destination, old, now map[string]*config.Source) bool {
	if len(old) != len(now) {
		return false
	}
	for name, is := range now {
		was := old[name]
		if was == nil || !slices.Equal(was.Credentials().List, is.Credentials().List) || d.ForwardCredentials && !was.Equal(is) {
			return false
		}
	}
	return true
}
