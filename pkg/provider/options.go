package provider

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Options are what an operator configures for a source.
type Options struct {
	// Secrets are the active secrets, the newest first. A request that matches
	// any of them is authentic; answers to handshakes are keyed with the first.
	Secrets []string
	// PublicURL is the address that the provider was given, without a query.
	PublicURL string
	// Config are the settings that the preset or the scheme reads as {cfg:NAME}.
	Config map[string]string
	// Pending is set while the source waits for the secret that the provider
	// hands over in a handshake. Only then are such handshakes answered, and only
	// then may Secrets be empty.
	Pending bool
	// HTTP fetches keys for the presets that say so in their Online field. Nil
	// means a client of its own. Redirects are never followed either way.
	HTTP *http.Client
}

// validate lists what does not fit the preset.
func (o Options) validate(p *Preset) error {
	return errors.Join(o.validatePending(p), o.validateSecrets(p), o.validateConfig(p))
}

func (o Options) validatePending(p *Preset) error {
	if o.Pending && !p.Captures() {
		return fmt.Errorf("pending: %s hands over no secret in a handshake", p.Name)
	}
	return nil
}

func (o Options) validateSecrets(p *Preset) error {
	switch {
	case slices.Contains(o.Secrets, ""):
		return errors.New("secrets: a secret is empty")
	case p.SecretUse == SecretNone && len(o.Secrets) > 0:
		return fmt.Errorf("secrets: %s has none", p.Name)
	case p.SecretUse == SecretRequired && len(o.Secrets) == 0 && !o.Pending:
		return errors.New("secrets: at least one is needed")
	default:
		return nil
	}
}

func (o Options) validateConfig(p *Preset) error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(p.Config)) {
		if p.Config[name].Required && o.Config[name] == "" {
			problems = append(problems, fmt.Errorf("config.%s: is needed: %s", name, p.Config[name].Help))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o.Config)) {
		if _, known := p.Config[name]; !known {
			problems = append(problems, fmt.Errorf("config.%s: %s has no such setting%s", name, p.Name, settingNames(p)))
		}
	}
	return errors.Join(problems...)
}

func settingNames(p *Preset) string {
	if len(p.Config) == 0 {
		return ""
	}
	return "; it has " + strings.Join(slices.Sorted(maps.Keys(p.Config)), ", ")
}

// settings are the configured values over the preset's defaults.
func (o Options) settings(p *Preset) map[string]string {
	values := make(map[string]string, len(p.Config))
	for name, setting := range p.Config {
		values[name] = setting.Default
	}
	maps.Copy(values, o.Config)
	return values
}
