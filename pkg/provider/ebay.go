package provider

import (
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/penstock/penstock/pkg/provider/internal/keys"
	"github.com/penstock/penstock/pkg/signature"
)

// ebay is a scheme like any other, but for the answer to the question who owns
// the endpoint: a digest of challenge, token and address.
type ebay struct {
	verifier
	challenge *signature.Expr
}

func newEbay(p *Preset, o Options) (verifier, error) {
	inner, err := newPlainVerifier(p, o)
	if err != nil {
		return nil, err
	}
	c := &compiler{}
	return ebay{verifier: inner, challenge: c.expr("challenge", "query:challenge_code")}, nil
}

func (ebay) askedWith() string { return http.MethodGet }

func (e ebay) ask(_ context.Context, r *signature.Request, verified bool) (Answer, bool) {
	challenge := e.challenge.Eval(r)
	token := r.Config["verification_token"]
	if verified || r.Method != http.MethodGet || challenge == "" {
		return Answer{}, false
	}
	if token == "" || len(challenge) > maxEcho {
		return Answer{Status: http.StatusForbidden}, true
	}
	sum := sha256.Sum256([]byte(challenge + token + r.PublicURL))
	return Answer{
		Status:      http.StatusOK,
		ContentType: "application/json",
		Header:      map[string]string{"X-Content-Type-Options": "nosniff"},
		Body:        []byte(`{"challengeResponse":"` + hex.EncodeToString(sum[:]) + `"}`),
	}, true
}

// newEbayKeys asks eBay's notification API, with a token that the API gives for
// client id and secret.
func newEbayKeys(_ string, o Options) (signature.KeySource, error) {
	host := o.Config["host"]
	if !slices.Contains([]string{"api.ebay.com", "api.sandbox.ebay.com"}, host) {
		return nil, errors.New("config.host: is neither api.ebay.com nor api.sandbox.ebay.com")
	}
	if len(o.Secrets) == 0 || o.Config["client_id"] == "" {
		return nil, errors.New("secrets: client secret and config.client_id are needed")
	}
	fetcher := keys.NewFetcher(o.HTTP, host)
	return newAPIKeys(func(ctx context.Context, kid string) (crypto.PublicKey, error) {
		token, err := ebayToken(ctx, fetcher, host, o)
		if err != nil {
			return nil, err
		}
		header := http.Header{"Authorization": {"Bearer " + token}}
		answer, err := fetcher.Get(ctx, "https://"+host+"/commerce/notification/v1/public_key/"+kid, header)
		if err != nil {
			return nil, err
		}
		var parsed struct {
			Key string `json:"key"`
		}
		if json.Unmarshal(answer, &parsed) != nil {
			return nil, fmt.Errorf("%w: the answer is not understood", keys.ErrUnavailable)
		}
		return keys.ParsePEM([]byte(parsed.Key))
	}), nil
}

// ebayToken is asked for anew with every key: keys are cached for an hour, and a
// token lives for two.
func ebayToken(ctx context.Context, fetcher *keys.Fetcher, host string, o Options) (string, error) {
	credentials := &http.Request{Header: http.Header{}}
	credentials.SetBasicAuth(o.Config["client_id"], o.Secrets[0])
	credentials.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"https://api.ebay.com/oauth/api_scope"}}
	answer, err := fetcher.Post(ctx, "https://"+host+"/identity/v1/oauth2/token", credentials.Header, []byte(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("fetch token: %w", err)
	}
	var parsed struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal(answer, &parsed) != nil || parsed.Token == "" {
		return "", fmt.Errorf("%w: there is no token in the answer", keys.ErrUnavailable)
	}
	return parsed.Token, nil
}
