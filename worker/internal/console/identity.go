package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

// OIDC lets people sign in at an identity provider (OpenID Connect Core 1.0, the
// authorization code flow with PKCE).
type OIDC struct {
	Name         string // what the provider is called on the button
	Issuer       string
	ClientID     string
	ClientSecret string   // may be empty for a public client
	Readers      []string // who may look; see Allows
	Writers      []string // who may change things too
}

// identity talks to the provider. It is safe for concurrent use.
type identity struct {
	settings OIDC
	client   *http.Client
	callback string // our own address, to which the provider sends people back

	asking   singleflight.Group
	provider atomic.Pointer[oidc.Provider] // nil until it has answered once
}

func newIdentity(o OIDC, callback string) *identity {
	return &identity{settings: o, callback: callback, client: &http.Client{Timeout: 10 * time.Second}}
}

// discover asks the provider for its configuration, until it has answered once. All who sign
// in at the same time share one question, and none waits for longer than its request lasts.
func (i *identity) discover(ctx context.Context) (*oidc.Provider, error) {
	if p := i.provider.Load(); p != nil {
		return p, nil
	}
	answer := i.asking.DoChan("", func() (any, error) {
		// The keys are fetched later with this context's client, so it must not end.
		p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), i.client), i.settings.Issuer)
		if err == nil {
			i.provider.Store(p)
		}
		return p, err
	})
	select {
	case a := <-answer:
		if a.Err != nil {
			return nil, fmt.Errorf("ask the identity provider: %w", a.Err)
		}
		return i.provider.Load(), nil
	case <-ctx.Done():
		return nil, fmt.Errorf("ask the identity provider: %w", ctx.Err())
	}
}

func (i *identity) config(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: i.settings.ClientID, ClientSecret: i.settings.ClientSecret, Endpoint: p.Endpoint(),
		RedirectURL: i.callback, Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}
}

// person is who the provider says it is.
type person struct {
	Subject  string   `json:"sub"`
	Email    string   `json:"email"`
	Verified bool     `json:"email_verified"`
	Groups   []string `json:"groups"`
	Nonce    string   `json:"nonce"`
}

// exchange turns the code that somebody brought back into who that is.
func (i *identity) exchange(ctx context.Context, code, verifier, nonce string) (*person, error) {
	provider, err := i.discover(ctx)
	if err != nil {
		return nil, err
	}
	ctx = oidc.ClientContext(ctx, i.client)
	tokens, err := i.config(provider).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return nil, errors.New("the identity provider did not take the code") // its answer may quote secrets
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return nil, errors.New("the identity provider sent no ID token")
	}
	token, err := provider.Verifier(&oidc.Config{ClientID: i.settings.ClientID}).Verify(ctx, raw)
	if err != nil {
		return nil, fmt.Errorf("verify the ID token: %w", err)
	}
	var p person
	if err := token.Claims(&p); err != nil {
		return nil, fmt.Errorf("read the ID token: %w", err)
	}
	if p.Nonce != nonce {
		return nil, errors.New("the ID token belongs to another sign-in")
	}
	return &p, nil
}

// Name is what the person is called in the audit: an address that the provider has verified,
// or else the subject, which is no other person's. At many providers people choose their own
// preferred_username, and could choose another's.
func (p *person) Name() string {
	if p.Email != "" && p.Verified {
		return p.Email
	}
	return p.Subject
}

// in reports whether a list names the person: by address, as @example.com, as
// group:NAME, or with * for everybody whom the provider lets in.
func (p *person) in(list []string) bool {
	for _, entry := range list {
		group, isGroup := strings.CutPrefix(entry, "group:")
		switch {
		case entry == "*":
			return true
		case isGroup:
			if slices.Contains(p.Groups, group) {
				return true
			}
		case !p.Verified: // anybody can claim an address
		case strings.HasPrefix(entry, "@"):
			if at := strings.LastIndexByte(p.Email, '@'); at > 0 && strings.EqualFold(p.Email[at:], entry) {
				return true
			}
		case strings.EqualFold(p.Email, entry):
			return true
		}
	}
	return false
}
