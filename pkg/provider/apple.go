package provider

import (
	"context"
	"crypto"
	"crypto/x509"
	_ "embed" // the root certificate
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/provider/internal/keys"
	"github.com/penstock/penstock/pkg/publickey"
	"github.com/penstock/penstock/pkg/signature"
)

// appleRoot is "Apple Root CA - G3", valid until 2039.
//
//go:embed roots/apple-root-ca-g3.pem
var appleRoot []byte

// appleChain finds the key of a JWS in the certificate chain that the JWS itself
// carries (x5c, RFC 7515 section 4.1.6). The chain must end at Apple's root, and
// its certificates must be marked for the App Store: Apple's root has many others
// below it.
type appleChain struct {
	chain *signature.Expr // as it is written in the header of the token
	roots []*x509.Certificate
}

// newAppleChain reads where the token is. A secret is a root to trust instead of
// Apple's, as PEM or base64 of DER.
func newAppleChain(where string, o Options) (signature.KeySource, error) {
	chain, err := signature.CompileExpr(signature.Strings{where + "|jwthead:x5c"})
	if err != nil {
		return nil, fmt.Errorf("keysrc: %w", err)
	}
	a := appleChain{chain: chain}
	trusted := o.Secrets
	if len(trusted) == 0 {
		trusted = []string{string(appleRoot)}
	}
	for _, text := range trusted {
		root, err := parseRoot(text)
		if err != nil {
			return nil, fmt.Errorf("secrets: %w", err)
		}
		a.roots = append(a.roots, root)
	}
	return a, nil
}

func parseRoot(text string) (*x509.Certificate, error) {
	if der, err := base64.StdEncoding.DecodeString(text); err == nil {
		return publickey.ParseCertificate(der)
	}
	return keys.ParseCertificate([]byte(text))
}

// Keys verifies the chain, which costs at most two operations for each certificate.
func (a appleChain) Keys(ctx context.Context, _ string, r *signature.Request) ([]crypto.PublicKey, error) {
	key, err := a.key(ctx, r)
	if errors.Is(err, publickey.ErrTooCostly) {
		return nil, fmt.Errorf("%w: %w", signature.ErrTooCostly, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", signature.ErrUnknownKey, err)
	}
	return []crypto.PublicKey{key}, nil
}

func (a appleChain) key(ctx context.Context, r *signature.Request) (crypto.PublicKey, error) {
	chain, err := a.read(r)
	if err != nil {
		return nil, err
	}
	if !marked(chain[0], 6, 11, 1) || !marked(chain[1], 6, 2, 1) {
		return nil, errors.New("the chain is not one of the App Store")
	}
	if err := chain.Verify(ctx, a.roots, time.Now(), r.Work.TakeOperation); err != nil {
		return nil, err
	}
	return chain[0].PublicKey, nil
}

// read reads the certificates of the token, the leaf first.
func (a appleChain) read(r *signature.Request) (publickey.Chain, error) {
	var ders [][]byte
	if json.Unmarshal([]byte(a.chain.Eval(r)), &ders) != nil || len(ders) < 2 {
		return nil, errors.New("the token has no certificate chain")
	}
	return publickey.ParseChain(ders)
}

// marked reports whether a certificate has an extension of Apple's arc.
func marked(c *x509.Certificate, arc ...int) bool {
	want := append(asn1.ObjectIdentifier{1, 2, 840, 113635, 100}, arc...)
	for _, extension := range c.Extensions {
		if slices.Equal(extension.Id, want) {
			return true
		}
	}
	return false
}
