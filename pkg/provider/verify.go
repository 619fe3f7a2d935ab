package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/signature"
)

// newVerifier compiles what decides about the requests of a preset.
func newVerifier(p *Preset, o Options) (verifier, error) {
	if p.Code != "" {
		build, ok := builders()[p.Code]
		if !ok {
			return nil, fmt.Errorf("code: there is no %q", p.Code)
		}
		return build(p, o)
	}
	return newPlainVerifier(p, o)
}

// newPlainVerifier compiles the preset's scheme alone.
func newPlainVerifier(p *Preset, o Options) (verifier, error) {
	scheme, err := p.scheme(o.Config)
	if err != nil {
		return nil, err
	}
	return newEngine(scheme, o)
}

// scheme returns the preset's scheme, ready to be compiled.
func (p *Preset) scheme(settings map[string]string) (signature.Scheme, error) {
	scheme := withSettings(p.Scheme, settings)
	if scheme.AltScheme == "" {
		return scheme, nil
	}
	other, ok := Lookup(scheme.AltScheme)
	if !ok {
		return scheme, fmt.Errorf("alt_scheme: there is no preset %q", scheme.AltScheme)
	}
	scheme.AltScheme = ""
	scheme.Alt = append(slices.Clone(scheme.Alt), withSettings(other.Scheme, settings))
	return scheme, nil
}

// engine verifies with a scheme and the configured secrets.
type engine struct {
	verifier *signature.Verifier
	keys     signature.Keys
}

// newEngine compiles a scheme with its keys, or with the source of its keys.
func newEngine(scheme signature.Scheme, o Options) (verifier, error) {
	compiled, err := signature.Compile(scheme)
	if err != nil {
		return nil, err
	}
	if err := fits(compiled, o); err != nil {
		return nil, err
	}
	if kind, _ := compiled.KeySource(); kind != "" {
		return newFetching(compiled, o)
	}
	if len(o.Secrets) == 0 && o.Pending {
		return pending{}, nil
	}
	keys, err := compiled.Keys(o.Secrets...)
	if err != nil {
		return nil, fmt.Errorf("secrets: %w", err)
	}
	return engine{verifier: compiled, keys: keys}, nil
}

// fits checks that a source has what the scheme reads besides the request.
func fits(compiled *signature.Verifier, o Options) error {
	var problems []error
	if compiled.NeedsPublicURL() && o.PublicURL == "" {
		problems = append(problems, errors.New("publicURL: is part of what is signed, so it must be set"))
	}
	for _, name := range compiled.ConfigNames() {
		if o.Config[name] == "" {
			problems = append(problems, fmt.Errorf("config.%s: is part of what is signed, so it must be set", name))
		}
	}
	return errors.Join(problems...)
}

func (e engine) Verify(ctx context.Context, r *signature.Request, now time.Time) signature.Result {
	return e.verifier.VerifyContext(ctx, r, e.keys, now)
}

// pending refuses all while the secret is not known.
type pending struct{}

func (pending) Verify(context.Context, *signature.Request, time.Time) signature.Result {
	return refuse(signature.UnknownKey)
}

func refuse(why signature.Reason) signature.Result { return signature.Result{Key: -1, Reason: why} }
