package auth_test

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/auth"
)

func certificate(t *testing.T, dns, uri, email string) *x509.Certificate {
	t.Helper()
	c := &x509.Certificate{Subject: pkix.Name{CommonName: "hooks.example.com"}}
	if dns != "" {
		c.DNSNames = []string{"zzz.invalid", dns}
	}
	if uri != "" {
		u, err := url.Parse(uri)
		require.NoError(t, err)
		c.URIs = []*url.URL{u}
	}
	if email != "" {
		c.EmailAddresses = []string{email}
	}
	return c
}

func TestClientCertificates(t *testing.T) {
	t.Parallel()
	rules := &auth.MTLS{
		DNS:   []string{"hooks.example.com", "*.Partner.example"},
		URI:   []string{"spiffe://corp/ns/shop/sa/hooks", "spiffe://corp/ns/bank/*"},
		Email: []string{"ann@example.com", "*@partner.example"},
	}
	for name, tc := range map[string]struct {
		dns, uri, email string
		match           string
	}{
		"a DNS name":                       {dns: "hooks.example.com", match: "hooks.example.com"},
		"a DNS name in capitals":           {dns: "HOOKS.example.com", match: "hooks.example.com"},
		"one more label":                   {dns: "eu.partner.example", match: "eu.partner.example"},
		"two more labels":                  {dns: "a.eu.partner.example"},
		"no more label":                    {dns: "partner.example"},
		"the end of another domain":        {dns: "a.evilpartner.example"},
		"a wildcard certificate":           {dns: "*.example.com"},
		"a wildcard as the label":          {dns: "*.partner.example", match: "*.partner.example"},
		"a URI":                            {uri: "spiffe://corp/ns/shop/sa/hooks", match: "spiffe://corp/ns/shop/sa/hooks"},
		"a longer URI":                     {uri: "spiffe://corp/ns/shop/sa/hooks2"},
		"a URI below":                      {uri: "spiffe://corp/ns/bank/sa/x", match: "spiffe://corp/ns/bank/sa/x"},
		"a URI beside":                     {uri: "spiffe://corp/ns/bankrobber/sa/x"},
		"nothing below":                    {uri: "spiffe://corp/ns/bank/"},
		"an address":                       {email: "ann@EXAMPLE.com", match: "ann@EXAMPLE.com"},
		"another person":                   {email: "Ann@example.com"},
		"anybody there":                    {email: "x@partner.example", match: "x@partner.example"},
		"an address with two at signs":     {email: "x@partner.example@evil.example"},
		"only a common name that would do": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request("/")
			leaf := certificate(t, tc.dns, tc.uri, tc.email)
			r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf}, VerifiedChains: [][]*x509.Certificate{{leaf}}}
			id, err := newChain(t, auth.Method{MTLS: rules}).Authenticate(t.Context(), r)
			if tc.match == "" {
				require.Equal(t, auth.ReasonWrongName, auth.ReasonOf(err))
				return
			}
			require.NoError(t, err)
			require.Equal(t, "mtls:"+tc.match, id.String())
		})
	}
}

func TestACertificateThatNobodyVerifiedIsRefused(t *testing.T) {
	t.Parallel()
	chain := newChain(t, auth.Method{MTLS: &auth.MTLS{DNS: []string{"hooks.example.com"}}})
	leaf := certificate(t, "hooks.example.com", "", "")
	for name, state := range map[string]*tls.ConnectionState{
		"no TLS":         nil,
		"no certificate": {},
		"not verified":   {PeerCertificates: []*x509.Certificate{leaf}},
	} {
		r := request("/")
		r.TLS = state
		_, err := chain.Authenticate(t.Context(), r)
		require.Equal(t, auth.ReasonUnverifiedCertificate, auth.ReasonOf(err), name)
	}
}
