package provider_test

import (
	"cmp"
	"context"
	"crypto"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// formCase is an authentic request whose signature covers the fields of a form.
type formCase struct {
	source  *provider.Source
	request *signature.Request
	joined  bool // names and values are signed as one text
}

func (c formCase) accepts(t require.TestingT, r *signature.Request) bool {
	result := c.source.Verify(context.Background(), r, time.Unix(now, 0))
	require.Contains(t, append(signature.Reasons(), signature.None), result.Reason)
	return result.OK
}

// formCases has a request for every preset whose signature covers a form.
func formCases(t testing.TB) map[string]formCase {
	t.Helper()
	cases := map[string]formCase{}
	for _, c := range codedCases(t) {
		if c.preset == "plivo" || c.preset == "paddle-classic" {
			cases[c.preset] = formCase{source: setup(t, c.preset, c.options), request: c.request, joined: c.preset == "plivo"}
		}
	}
	cases["travis"] = travisCase(t)
	for _, p := range presets() {
		if !strings.Contains(p.Scheme.Msg, "{form:") && !strings.Contains(p.Scheme.Msg, "{form_") || p.Scheme.Partial || !symmetric(p) {
			continue
		}
		o := optionsFor(t, p)
		r := sampleOf(t, p, o)
		sign(t, p, o, r)
		cases[p.ID] = formCase{source: setup(t, p.ID, o), request: r, joined: strings.Contains(p.Scheme.Msg, "form_sorted")}
	}
	return cases
}

func travisCase(t testing.TB) formCase {
	t.Helper()
	payload := `{"id":1,"state":"passed"}`
	r := post("payload="+url.QueryEscape(payload), "Content-Type", "application/x-www-form-urlencoded",
		"Signature", b64(rsaSign(t, crypto.SHA1, []byte(payload))))
	return formCase{source: setup(t, "travis", provider.Options{Secrets: []string{publicPEM(t, &testPairs().rsa.PublicKey)}}), request: r}
}

func TestEveryFormThatSaysMoreThanItsSignatureCoversIsRefused(t *testing.T) {
	t.Parallel()
	cases := formCases(t)
	for _, id := range []string{"braintree", "mandrill", "paddle-classic", "plivo", "quoter", "travis", "twilio"} {
		require.Contains(t, cases, id)
	}
	for id, c := range cases {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			require.True(t, c.accepts(t, c.request))
			body := string(c.request.Body)
			for _, more := range []string{
				"&From=%2B1999evil%&Amount=1000000%zz", "&%=x&Admin%zz=1", "&Amount=1000000", "&", "&&", "&=", "&=1", ";a=1", "&a=1;b=2", "%",
			} {
				require.False(t, c.accepts(t, altered(c.request, body+more)), "%q after", more)
				require.False(t, c.accepts(t, altered(c.request, more+body)), "%q before", more)
			}
			for _, content := range []string{
				"application/json", "text/plain", "multipart/form-data; boundary=B", "multipart/form-data", "application/x-www-form-urlencoded, application/json", "/",
			} {
				require.False(t, c.accepts(t, altered(c.request, body, "Content-Type", content)), content)
			}
			for _, wrapped := range multiparts(t, c.request) {
				require.False(t, c.accepts(t, altered(c.request, wrapped, "Content-Type", "multipart/form-data; boundary=B")), wrapped)
			}
			for _, other := range []string{"", "{}", `{"evil":1}`, "=", "&"} {
				require.False(t, c.accepts(t, altered(c.request, other)), other)
			}
			if p, _ := provider.Lookup(id); p.Code == "" {
				get := altered(c.request, body)
				get.Method = http.MethodGet
				require.False(t, c.accepts(t, get))
			}
		})
	}
}

// altered is r with another body, and with other header fields.
func altered(r *signature.Request, body string, header ...string) *signature.Request {
	other := *r
	other.Body, other.Header = []byte(body), r.Header.Clone()
	for i := 0; i+1 < len(header); i += 2 {
		other.Header.Set(header[i], header[i+1])
	}
	return &other
}

// multiparts writes the fields of a form as multipart: alone, and with what is no field.
func multiparts(t testing.TB, r *signature.Request) []string {
	t.Helper()
	fields, err := url.ParseQuery(string(r.Body))
	require.NoError(t, err)
	var parts strings.Builder
	for name := range fields {
		parts.WriteString("--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + fields.Get(name) + "\r\n")
	}
	file := "--B\r\nContent-Disposition: form-data; name=\"Body\"; filename=\"x\"\r\n\r\nevil\r\n"
	return []string{
		parts.String() + "--B--\r\n", "evil\r\n" + parts.String() + "--B--\r\n", parts.String() + "--B--\r\nevil", parts.String() + file + "--B--\r\n",
	}
}

// A request without fields signs the address alone: no body may come with it.
func TestASignatureOfNoFieldsCoversNoBody(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"twilio", "plivo"} {
		p, _ := provider.Lookup(id)
		o := optionsFor(t, p)
		r := post("")
		r.PublicURL = o.PublicURL
		if id == "plivo" {
			r.Header.Set("X-Plivo-Signature-V3", b64(hmac256(o.PublicURL+".nonce")))
			r.Header.Set("X-Plivo-Signature-V3-Nonce", "nonce")
		} else {
			sign(t, p, o, r)
		}
		c := formCase{source: setup(t, id, o), request: r}
		require.True(t, c.accepts(t, r), id)
		for _, body := range []string{`{"evil":1}`, "evil", "=", "&", "&&", "%", "=&=", "--B--", "\r\n"} {
			for _, content := range []string{"", "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=B", "multipart/form-data; boundary=zzz"} {
				require.False(t, c.accepts(t, altered(r, body, "Content-Type", content)), "%s %q %q", id, body, content)
			}
		}
	}
}

// TestAnAcceptedFormSaysWhatWasSigned changes authentic forms in many ways. What is still accepted
// must mean the same to a parser that reads everything.
func TestAnAcceptedFormSaysWhatWasSigned(t *testing.T) {
	t.Parallel()
	for id, c := range formCases(t) {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			want := c.meaning(t, c.request)
			rapid.Check(t, func(t *rapid.T) {
				r := mutant(t, c.request)
				if c.accepts(t, r) {
					require.Equal(t, want, c.meaning(t, r), "%q %q", r.Header.Get("Content-Type"), r.Body)
					c.requireSameEvent(t, r)
				}
			})
		})
	}
}

// requireSameEvent requires that a request that says the same, in whatever order and spelling, is the same event: else
// who captured it could have it delivered again and again. Where names and values are one text it can be cut in several ways.
func (c formCase) requireSameEvent(t require.TestingT, r *signature.Request) {
	if c.joined && !slices.Equal(fieldsOf(t, r), fieldsOf(t, c.request)) {
		return
	}
	first, known := c.source.Fingerprint(c.request, idOf(c.source, c.request))
	again, alike := c.source.Fingerprint(r, idOf(c.source, r))
	require.Equal(t, known, alike)
	require.Equal(t, first, again, "%q", r.Body)
}

func idOf(s *provider.Source, r *signature.Request) string {
	id, _ := s.Identify(r)
	return id
}

// fieldsOf lists the different fields of a form, in one order.
func fieldsOf(t require.TestingT, r *signature.Request) []string {
	fields, ok := signature.FormFields(r)
	require.True(t, ok)
	var all []string
	for name, values := range fields {
		for _, value := range values {
			all = append(all, name+"\x00"+value)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// mutant changes r in one to three ways.
func mutant(t *rapid.T, r *signature.Request) *signature.Request {
	body := string(r.Body)
	piece := rapid.SampledFrom([]string{"&", "=", ";", "%", "%zz", "+", " ", "\x00", "\r\n", "a", "&a=1", "&=1", "%26", "%3D", "%41", "--B"})
	for range rapid.IntRange(1, 3).Draw(t, "changes") {
		at := rapid.IntRange(0, len(body)).Draw(t, "at")
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			body = body[:at] + piece.Draw(t, "piece") + body[at:]
		case 1:
			body = body[:at] + body[min(at+1, len(body)):]
		case 2:
			if at < len(body) && body[at] != '%' {
				body = fmt.Sprintf("%s%%%02X%s", body[:at], body[at], body[at+1:])
			}
		case 3:
			pairs := strings.Split(body, "&")
			body = strings.Join(append(pairs[1:], pairs[0]), "&")
		case 4:
			pairs := strings.Split(body, "&")
			body += "&" + pairs[at%len(pairs)]
		}
	}
	content := rapid.SampledFrom([]string{
		"application/x-www-form-urlencoded", "Application/X-WWW-Form-URLencoded; charset=utf-8", "text/plain", "multipart/form-data; boundary=B",
	})
	return altered(r, body, "Content-Type", content.Draw(t, "content type"))
}

// meaning reads a form as the URL Standard does (https://url.spec.whatwg.org/#urlencoded-parsing),
// which reads everything, and fails when the form has parts that say nothing.
func (c formCase) meaning(t require.TestingT, r *signature.Request) []string {
	require.Contains(t, strings.ToLower(r.Header.Get("Content-Type")), "urlencoded")
	var pairs [][2]string
	for pair := range strings.SplitSeq(string(r.Body), "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, value = lenient(name), lenient(value)
		require.NotEmpty(t, name)
		if name == "bt_signature" || name == "hash" || name == "p_signature" {
			value = "" // it does not cover itself
		}
		pairs = append(pairs, [2]string{name, value})
	}
	slices.SortFunc(pairs, func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	between := "="
	if c.joined {
		between, pairs = "", slices.Compact(pairs)
	}
	texts := make([]string, 0, len(pairs))
	for _, pair := range pairs {
		texts = append(texts, pair[0]+between+pair[1])
	}
	if c.joined {
		return []string{strings.Join(texts, "")}
	}
	return texts
}

func lenient(text string) string {
	text = strings.ReplaceAll(text, "+", " ")
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if i+2 < len(text) && text[i] == '%' {
			if decoded, err := url.PathUnescape(text[i : i+3]); err == nil {
				out.WriteString(decoded)
				i += 2
				continue
			}
		}
		out.WriteByte(text[i])
	}
	return out.String()
}
