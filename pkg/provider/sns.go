package provider

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/penstock/penstock/pkg/provider/internal/keys"
	"github.com/penstock/penstock/pkg/signature"
)

// sns verifies messages of Amazon SNS, and confirms subscriptions.
type sns struct {
	version *signature.Expr
	v1, v2  verifier // SHA-1 and SHA-256
	typ     *signature.Expr
	confirm *signature.Expr
	fetcher *keys.Fetcher
}

func newSNS(p *Preset, o Options) (verifier, error) {
	v1, err := newPlainVerifier(p, o)
	if err != nil {
		return nil, err
	}
	newer := *p
	newer.Scheme.Alg = "rsa-sha256"
	v2, err := newPlainVerifier(&newer, o)
	if err != nil {
		return nil, err
	}
	host := regexp.MustCompile(`\Asns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?\z`)
	c := &compiler{}
	return sns{
		version: c.expr("version", "json:SignatureVersion"), v1: v1, v2: v2,
		typ: c.expr("type", "json:Type"), confirm: c.expr("confirm", "json:SubscribeURL"),
		fetcher: keys.NewFetcherFunc(o.HTTP, func(u *url.URL) bool { return host.MatchString(u.Host) }),
	}, nil
}

func (s sns) Verify(ctx context.Context, r *signature.Request, now time.Time) signature.Result {
	switch s.version.Eval(r) {
	case "1":
		return s.v1.Verify(ctx, r, now)
	case "2":
		return s.v2.Verify(ctx, r, now)
	default:
		return refuse(signature.UnsupportedAlgorithm)
	}
}

func (sns) askedWith() string { return http.MethodPost }

// ask confirms a subscription by getting the address that SNS sent, which must be
// one of SNS itself. The request is authentic and of an allowed topic by now.
func (s sns) ask(ctx context.Context, r *signature.Request, verified bool) (Answer, bool) {
	if !verified || s.typ.Eval(r) != "SubscriptionConfirmation" {
		return Answer{}, false
	}
	address := s.confirm.Eval(r)
	if s.fetcher.Check(address) != nil {
		return Answer{Status: http.StatusForbidden}, true
	}
	if _, err := s.fetcher.Get(ctx, address, nil); err != nil {
		return Answer{Status: http.StatusServiceUnavailable}, true // SNS asks again
	}
	return Answer{Status: http.StatusOK}, true
}
