package provider

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/provider/internal/keys"
	"github.com/penstock/penstock/pkg/signature"
)

// certificate is a key in a certificate that the request points to. It is trusted
// because it comes over TLS from a host of the provider, and carries its name.
type certificate struct {
	fetcher *keys.Fetcher
	address *signature.Expr
	domain  string
	cache   keys.Cache[*x509.Certificate]
}

// newCertificate reads "EXPRESSION host=PATTERN name=DOMAIN": where the address
// is, the host names that are asked, and the domain that the certificate is for.
func newCertificate(argument string, o Options) (signature.KeySource, error) {
	where, options, _ := strings.Cut(argument, " host=")
	pattern, domain, named := strings.Cut(options, " name=")
	host, err := regexp.Compile(`\A(?:` + pattern + `)\z`)
	if err != nil || !named || pattern == "" {
		return nil, errors.New("keysrc: cert needs host= and name=")
	}
	address, err := signature.CompileExpr(signature.Strings{where})
	if err != nil {
		return nil, fmt.Errorf("keysrc: %w", err)
	}
	// An address has one spelling: with others, one certificate would take the room of many.
	allow := func(u *url.URL) bool {
		return u.RawQuery == "" && host.MatchString(u.Host) && u.EscapedPath() == path.Clean("/"+u.Path)
	}
	return &certificate{fetcher: keys.NewFetcherFunc(o.HTTP, allow), address: address, domain: domain}, nil
}

func (c *certificate) Keys(ctx context.Context, _ string, r *signature.Request) ([]crypto.PublicKey, error) {
	address := c.address.Eval(r)
	if err := c.fetcher.Check(address); err != nil {
		return nil, known(err)
	}
	found, err := c.cache.Get(ctx, address, func(ctx context.Context) (*x509.Certificate, error) {
		document, err := c.fetcher.Get(ctx, address, nil)
		if err != nil {
			return nil, fmt.Errorf("fetch certificate: %w", err)
		}
		return keys.ParseCertificate(document)
	})
	if err != nil {
		return nil, known(err)
	}
	if err := c.suits(found, time.Now()); err != nil {
		return nil, fmt.Errorf("%w: %w", signature.ErrUnknownKey, err)
	}
	return []crypto.PublicKey{found.PublicKey}, nil
}

// Keep keeps the certificate that the request points to.
func (c *certificate) Keep(_ string, r *signature.Request) { c.cache.Keep(c.address.Eval(r)) }

func (c *certificate) suits(found *x509.Certificate, now time.Time) error {
	if now.Before(found.NotBefore) || now.After(found.NotAfter) {
		return errors.New("the certificate is not valid now")
	}
	for _, name := range append(found.DNSNames, found.Subject.CommonName) {
		if keys.HostMatches(strings.TrimPrefix(name, "*."), c.domain) {
			return nil
		}
	}
	return errors.New("the certificate is for somebody else")
}
