package provider_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

const plivoURL = "https://hooks.example.com/in/source"

// plivoSigned is a request with a signature of version 3 over a text that the test writes out.
func plivoSigned(method, query, body, nonce, text string) *signature.Request {
	r := post(body, "Content-Type", "application/x-www-form-urlencoded",
		"X-Plivo-Signature-V3", b64(hmac256(plivoURL+text)), "X-Plivo-Signature-V3-Nonce", nonce)
	r.Method, r.RawQuery = method, query
	return r
}

func requirePlivo(t *testing.T, accepted bool, r *signature.Request, why string) {
	t.Helper()
	source := setup(t, "plivo", provider.Options{Secrets: []string{textSecret}, PublicURL: plivoURL})
	require.Equal(t, accepted, source.Verify(t.Context(), r, time.Unix(now, 0)).OK, "%s: %s ?%s %q", why, r.Method, r.RawQuery, r.Body)
}

func TestTheVersion3OfPlivoIsTakenAsItIsSent(t *testing.T) {
	t.Parallel()
	requirePlivo(t, true, plivoSigned(http.MethodPost, "", "", "n", ".n"), "nothing but the address")
	requirePlivo(t, true, plivoSigned(http.MethodPost, "", "To=2&From=1", "n", "?From1To2.n"), "a form")
	requirePlivo(t, true, plivoSigned(http.MethodPost, "b=2&a=1", "To=2&From=1", "n", "?a=1&b=2.From1To2.n"), "a query and a form")
	requirePlivo(t, true, plivoSigned(http.MethodPost, "b=2&a=1", "", "n", "?a=1&b=2.n"), "a query")
	requirePlivo(t, true, plivoSigned(http.MethodGet, "To=2&From=1", "", "n", "?From=1&To=2.n"), "a GET")
}

// The fields of a GET are those of the query and of a form together: each is signed, and none is in both.
func TestAGETOfPlivoSaysNoMoreThanIsSigned(t *testing.T) {
	t.Parallel()
	const text = "?From=1&To=2.n"
	requirePlivo(t, true, plivoSigned(http.MethodGet, "From=1", "To=2", "n", text), "as Plivo's libraries take it")
	for _, more := range [][2]string{
		{"From=1&To=2", "&"}, {"From=1&To=2", "="}, {"From=1&To=2", "{}"}, {"From=1&To=2", "From=1"}, {"From=1&To=2", "To=3"}, {"From=1", "To=2&Evil=1"}, {"From=1", "To=2&"}, {"", ""},
	} {
		requirePlivo(t, false, plivoSigned(http.MethodGet, more[0], more[1], "n", text), "more than is signed")
	}
}

// The nonce ends the text: nothing that is before it can move into it.
func TestTheNonceOfPlivoHasAnEnd(t *testing.T) {
	t.Parallel()
	const text = "?Note1.evil.n"
	requirePlivo(t, true, plivoSigned(http.MethodPost, "", "Note=1.evil", "n", text), "as it is sent")
	requirePlivo(t, false, plivoSigned(http.MethodPost, "", "Note=1", "evil.n", text), "the end of a value moved")
	requirePlivo(t, false, plivoSigned(http.MethodPost, "", "", "n", "?Note1.evil.n"), "the form is gone")
	requirePlivo(t, false, plivoSigned(http.MethodPost, "Note=1.evil", "", "n", text), "the form became the query")
}

// A request that says that it has version 3 is judged by it alone.
func TestAWrongVersion3OfPlivoIsNotRescuedByVersion2(t *testing.T) {
	t.Parallel()
	two := []string{"X-Plivo-Signature-V2", b64(hmac256(plivoURL + "n2")), "X-Plivo-Signature-V2-Nonce", "n2"}
	requirePlivo(t, true, post("a=1", append(two, "Content-Type", "application/x-www-form-urlencoded")...), "version 2 alone")
	for _, three := range []string{b64(hmac256("else")), "=", ",", " "} {
		r := post("a=1", append(two, "Content-Type", "application/x-www-form-urlencoded", "X-Plivo-Signature-V3", three, "X-Plivo-Signature-V3-Nonce", "n")...)
		requirePlivo(t, false, r, "version 3 is "+three)
	}
}
