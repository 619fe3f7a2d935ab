package signature_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

func overURL(variants ...string) signature.Scheme {
	return with(func(s *signature.Scheme) { s.Msg, s.URLVariants = "{method}{url}{body}", variants })
}

func TestTheURLIsTheConfiguredOneWithTheQueryAsReceived(t *testing.T) {
	t.Parallel()
	b := setup(t, overURL())
	b.request.RawQuery = "b=%2F&a=1"
	b.signed().header("Host", "evil.example").header("X-Forwarded-Host", "evil.example").accepted()
	b.request.RawQuery = "b=/&a=1"
	b.rejected(signature.Mismatch)
	b.request.PublicURL = ""
	b.rejected(signature.MissingValue)
}

func TestTheDefaultPortMayBeSignedOrNot(t *testing.T) {
	t.Parallel()
	for signed, configured := range map[string]string{
		"https://a.example/in":     "https://a.example:443/in",
		"https://a.example:443/in": "https://a.example/in",
		"http://a.example:80":      "http://a.example",
		"https://[::1]:443/in":     "https://[::1]/in",
		"https://[::1]/in":         "https://[::1]:443/in",
	} {
		b := setup(t, overURL("default-port"))
		b.request.PublicURL = signed
		b.signed().accepted()
		b.request.PublicURL = configured
		b.accepted()
	}
	for signed, configured := range map[string]string{
		"https://a.example/in":    "https://a.example:80/in",
		"http://a.example:443/in": "http://a.example/in",
		"ftp://a.example/in":      "ftp://a.example:443/in",
		"https://a.example:8443/": "https://a.example/",
	} {
		b := setup(t, overURL("default-port"))
		b.request.PublicURL = signed
		b.signed()
		b.request.PublicURL = configured
		b.rejected(signature.Mismatch)
	}
}

func TestDocumentedEscapesMayBeSignedDecoded(t *testing.T) {
	t.Parallel()
	b := setup(t, overURL("decoded"))
	b.request.RawQuery = "next=https://a.example/?x@y"
	b.signed()
	b.request.RawQuery = "next=https%3A%2F%2fa.example%2F%3Fx%40y"
	b.accepted()
	b.request.RawQuery = "next=https%3A%2F%2Fa%2Eexample%2F%3Fx%40y" // a dot is not among them
	b.rejected(signature.Mismatch)
}

func TestThePathIsThatOfThePublicURL(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]string{
		"https://a.example/x/in/acme": "/x/in/acme?q=1", "https://a.example": "/?q=1", "": "/in/acme?q=1",
	} {
		path, err := signature.CompileTemplate("{pathq}")
		require.NoError(t, err)
		got, err := path.Render(&signature.Request{PublicURL: public, Path: "/in/acme", RawQuery: "q=1"}, nil)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}
