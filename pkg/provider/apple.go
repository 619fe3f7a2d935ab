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
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/provider/internal/keys"
	"github.com/penstock/penstock/pkg/signature"
)

// appleRoot is "Apple Root CA - G3", valid until 2039.
//
//go:embed roots/apple-root-ca-g3.pem
var appleRoot []byte

// maxChain bounds the certificates in a token: Apple sends three.
const maxChain = 5

// appleChain finds the key of a JWS in the certificate chain that the JWS itself
// carries (x5c, RFC 7515 section 4.1.6). The chain must end at Apple's root, and
// its certificates must be marked for the App Store: Apple's root has many others
// below it.
type appleChain struct {
	token *signature.Expr
	roots *x509.CertPool
}

// newAppleChain reads where the token is. A secret is a root to trust instead of
// Apple's, as PEM or base64 of DER.
func newAppleChain(where string, o Options) (signature.KeySource, error) {
	token, err := signature.CompileExpr(signature.Strings{where})
	if err != nil {
		return nil, fmt.Errorf("keysrc: %w", err)
	}
	chain := appleChain{token: token, roots: x509.NewCertPool()}
	trusted := o.Secrets
	if len(trusted) == 0 {
		trusted = []string{string(appleRoot)}
	}
	for _, text := range trusted {
		root, err := parseRoot(text)
		if err != nil {
			return nil, fmt.Errorf("secrets: %w", err)
		}
		chain.roots.AddCert(root)
	}
	return chain, nil
}

func parseRoot(text string) (*x509.Certificate, error) {
	if der, err := base64.StdEncoding.DecodeString(text); err == nil {
		return x509.ParseCertificate(der)
	}
	return keys.ParseCertificate([]byte(text))
}

func (a appleChain) Keys(_ context.Context, _ string, r *signature.Request) ([]crypto.PublicKey, error) {
	key, err := a.key(a.token.Eval(r), time.Now())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", signature.ErrUnknownKey, err)
	}
	return []crypto.PublicKey{key}, nil
}

func (a appleChain) key(token string, now time.Time) (crypto.PublicKey, error) {
	chain, err := chainOf(token)
	if err != nil {
		return nil, err
	}
	intermediates := x509.NewCertPool()
	for _, c := range chain[1:] {
		intermediates.AddCert(c)
	}
	_, err = chain[0].Verify(x509.VerifyOptions{
		Roots: a.roots, Intermediates: intermediates, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return nil, errors.New("the chain does not end at the root")
	}
	if !marked(chain[0], 6, 11, 1) || !marked(chain[1], 6, 2, 1) {
		return nil, errors.New("the chain is not one of the App Store")
	}
	return chain[0].PublicKey, nil
}

// chainOf reads the certificates in a token, the leaf first.
func chainOf(token string) ([]*x509.Certificate, error) {
	encoded, _, _ := strings.Cut(token, ".")
	head, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return nil, errors.New("the token has no readable header")
	}
	var parsed struct {
		Chain [][]byte `json:"x5c"`
	}
	if json.Unmarshal(head, &parsed) != nil || len(parsed.Chain) < 2 || len(parsed.Chain) > maxChain {
		return nil, errors.New("the token has no certificate chain")
	}
	chain := make([]*x509.Certificate, 0, len(parsed.Chain))
	for _, der := range parsed.Chain {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, errors.New("the token has a broken certificate")
		}
		chain = append(chain, certificate)
	}
	return chain, nil
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
