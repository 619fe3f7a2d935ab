package publickey

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrTooCostly says that a chain takes more operations than there may be.
var ErrTooCostly = errors.New("the chain takes too many operations")

// Chain is a chain of certificates, the leaf first.
type Chain []*x509.Certificate

// ParseChain reads a chain. Everything about it that costs nothing is checked before any
// of its certificates is read.
func ParseChain(ders [][]byte) (Chain, error) {
	if len(ders) == 0 || len(ders) > MaxChain {
		return nil, fmt.Errorf("the chain has %d certificates; it may have 1 to %d", len(ders), MaxChain)
	}
	for _, der := range ders {
		if err := checkSize(der); err != nil {
			return nil, fmt.Errorf("a certificate of the chain: %w", err)
		}
	}
	chain := make(Chain, 0, len(ders))
	for _, der := range ders {
		certificate, err := ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("a certificate of the chain: %w", err)
		}
		chain = append(chain, certificate)
	}
	return chain, nil
}

// Verify checks that each certificate of the chain is signed by the next one, and the last
// one by a root, at the time now. It ends with ctx. take is asked before each operation
// with a key, and ends the work with ErrTooCostly when it returns false.
//
// A stranger can have the links of a chain checked, each once. What package crypto/x509
// checks besides, along any path that it finds, costs only who has a chain that ends at a
// root.
func (c Chain) Verify(ctx context.Context, roots []*x509.Certificate, now time.Time, take func() bool) error {
	if err := c.checkLinks(ctx, roots, take); err != nil {
		return err
	}
	trusted, others := x509.NewCertPool(), x509.NewCertPool()
	for _, root := range roots {
		trusted.AddCert(root)
	}
	for _, certificate := range c[1:] {
		others.AddCert(certificate)
	}
	for range c { // the links once more
		if !take() {
			return ErrTooCostly
		}
	}
	_, err := c[0].Verify(x509.VerifyOptions{
		Roots: trusted, Intermediates: others, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return errors.New("the chain does not end at a root, or is not valid now")
	}
	return nil
}

// checkLinks checks the signatures from the leaf to a root.
func (c Chain) checkLinks(ctx context.Context, roots []*x509.Certificate, take func() bool) error {
	for i, certificate := range c {
		if isAmong(certificate, roots) {
			return nil
		}
		by := issuer(certificate, c[i+1:], roots)
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("verify the chain: %w", ctx.Err())
		case by == nil:
			return errors.New("the chain does not end at a root")
		case !take():
			return ErrTooCostly
		case certificate.CheckSignatureFrom(by) != nil:
			return errors.New("a certificate of the chain is not signed by the next one")
		}
	}
	return nil // the last one is signed by a root
}

// issuer is the certificate that must have signed this one: the next of the chain, or a
// root after the last one. It is nil when the names do not fit.
func issuer(of *x509.Certificate, next Chain, roots []*x509.Certificate) *x509.Certificate {
	if len(next) > 0 {
		roots = next[:1]
	}
	for _, candidate := range roots {
		if bytes.Equal(candidate.RawSubject, of.RawIssuer) {
			return candidate
		}
	}
	return nil
}

func isAmong(certificate *x509.Certificate, roots []*x509.Certificate) bool {
	return slices.ContainsFunc(roots, certificate.Equal)
}
