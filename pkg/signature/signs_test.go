package signature_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

func zipped(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.String()
}

func signing(form string) signature.Scheme {
	return with(func(s *signature.Scheme) { s.Signs = form })
}

func TestASchemeDecidesWhichFormOfACompressedBodyIsSigned(t *testing.T) {
	t.Parallel()
	const text = `{"type":"message.new"}`
	for form, want := range map[string]struct{ asSent, decoded signature.Reason }{
		"":                     {signature.None, signature.Mismatch},
		signature.SignsAsSent:  {signature.None, signature.Mismatch},
		signature.SignsDecoded: {signature.Mismatch, signature.None},
		signature.SignsEither:  {signature.None, signature.None},
	} {
		for reason, signed := range map[*signature.Reason]string{&want.asSent: zipped(t, text), &want.decoded: text} {
			b := setup(t, signing(form)).body(signed).signed() // without a coding all forms are the same
			b.accepted()
			b.body(zipped(t, text)).header("Content-Encoding", "gzip")
			require.Equal(t, *reason, b.verify().Reason, "%q, signed as %.4q", form, signed)
		}
	}
}

func TestACompressedBodyCanBeSignedInItsForm(t *testing.T) {
	t.Parallel()
	b := setup(t, signing(signature.SignsDecoded)).body(zipped(t, "text")).header("Content-Encoding", "gzip").signed()
	b.accepted()
	b.request.Header.Del("Content-Encoding")
	b.body("text").accepted()
}

func TestABodyThatCannotBeDecodedIsRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ coding, body string }{
		"an unknown coding": {"rot13", "text"},
		"no gzip":           {"gzip", "text"},
		"something follows": {"gzip", zipped(t, "text") + "evil"},
		"a bomb":            {"gzip", zipped(t, strings.Repeat("0", 10<<20))},
	} {
		b := setup(t, signing(signature.SignsDecoded)).body("text").signed().header("Content-Encoding", tc.coding)
		require.Equal(t, signature.MalformedBody, b.body(tc.body).verify().Reason, name)
	}
}

func TestASchemeSignsADecodedBodyOnlyAsAWhole(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*signature.Scheme){
		"signs: \"zipped\" is neither as-sent nor decoded nor either": func(s *signature.Scheme) { s.Signs = "zipped" },
		"signs: ed25519 does not sign a digest":                       func(s *signature.Scheme) { s.Alg, s.Key, s.Signs = "ed25519", "hex", "decoded" },
		"signs: token does not sign a digest":                         func(s *signature.Scheme) { s.Alg, s.Signs = "token", "either" },
		"signs: only {body} itself":                                   func(s *signature.Scheme) { s.Msg, s.Signs = "{body|sha256}", "decoded" },
		"signs: only {body} itself ":                                  func(s *signature.Scheme) { s.Msg, s.Signs = "{json:id}.{body}", "decoded" },
		"signs: only {body} itself  ":                                 func(s *signature.Scheme) { s.Msg, s.Signs = "{url}{?{form:a}?}", "decoded" },
		"signs: only {body} itself   ":                                func(s *signature.Scheme) { s.Also, s.Signs = [][]string{{"body|sha256", "header:x"}}, "either" },
	} {
		require.ErrorContains(t, with(change).Validate(), strings.TrimSpace(want))
	}
	require.NoError(t, with(func(s *signature.Scheme) { s.Msg, s.Signs = "{header:x-id}.{body}", "decoded" }).Validate())
}

func TestARequestReadsAsItsBodyDoes(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	for name, tc := range map[string]struct{ coding, contentType, body, want string }{
		"plain":                 {"", "application/json", `{"id":"a"}`, "a"},
		"gzip":                  {"gzip", "application/json", zipped(t, `{"id":"a"}`), "a"},
		"a byte order mark":     {"", "application/json", "\xef\xbb\xbf" + `{"id":"a"}`, "a"},
		"UTF-16":                {"", "application/json", "\xff\xfe{\x00\"\x00i\x00d\x00\"\x00:\x00\"\x00a\x00\"\x00}\x00", "a"},
		"a payload":             {"", form, "payload=%7B%22id%22%3A%22a%22%7D", "a"},
		"a compressed payload":  {"gzip", form, zipped(t, "payload=%7B%22id%22%3A%22a%22%7D"), "a"},
		"a form without":        {"", form, "id=b", "b"},
		"a broken form":         {"", form, "payload=%7B%22id%22%3A%22a%22%7D&x=%zz", ""},
		"a broken coding":       {"gzip", "application/json", `{"id":"a"}`, "a"},
		"more than it may hold": {"gzip", "application/json", zipped(t, `{"id":"a"}`+strings.Repeat(" ", 2000)), ""},
	} {
		b := setup(t, simple()).body(tc.body).header("Content-Type", tc.contentType).header("Content-Encoding", tc.coding)
		before := string(b.request.Body)
		require.Equal(t, tc.want, eval(t, b.request.Read(1000), "json:id ?? form:id"), name)
		require.Equal(t, before, string(b.request.Body), name)
		require.Equal(t, name == "plain" || name == "a form without", b.request.Plain(), name)
	}
}
