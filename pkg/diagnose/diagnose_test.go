package diagnose_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/diagnose"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

const secret = "c2VjcmV0LWtleQ"

// document has what JSON encoders write in different ways.
const document = `{"b":"é/<&>","a":[1.50,{"c":null}],"d":"x, y: \"z\""}`

func now() time.Time { return time.Unix(1_700_000_000, 0) }

// signed is a case whose request was signed with the body.
func signed(t *testing.T, id, body string) diagnose.Case {
	t.Helper()
	preset, known := provider.Lookup(id)
	require.True(t, known, id)
	c := diagnose.Case{
		Preset: preset, Now: now(), Host: "hooks.example.com",
		Options: provider.Options{Secrets: []string{secret}, PublicURL: "https://hooks.example.com/in/x"},
		Request: &signature.Request{
			Method: "POST", Path: "/in/x", Body: []byte(body), Header: http.Header{"Content-Type": {"application/json"}},
		},
	}
	source, err := provider.New(preset, c.Options)
	require.NoError(t, err)
	require.NoError(t, source.Sign(c.Request, now()))
	return c
}

func run(t *testing.T, c diagnose.Case) *diagnose.Verdict {
	t.Helper()
	v, err := diagnose.Run(t.Context(), c)
	require.NoError(t, err)
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	require.NotContains(t, string(raw), secret, "a verdict never holds a secret")
	return v
}

func requireCause(t *testing.T, v *diagnose.Verdict, proven bool, cause string) {
	t.Helper()
	require.False(t, v.OK)
	require.NotEmpty(t, v.Findings)
	require.Contains(t, v.Findings[0].Cause, cause)
	require.NotEmpty(t, v.Findings[0].Remedy)
	require.Equal(t, proven, v.Findings[0].Proven)
}

func TestAValidRequestIsIdentified(t *testing.T) {
	t.Parallel()
	v := run(t, signed(t, "stripe", `{"id":"evt_1","type":"charge.failed"}`))
	require.True(t, v.OK)
	require.Equal(t, "evt_1", v.EventID)
	require.Equal(t, "charge.failed", v.Type)
	require.Equal(t, 1, v.Key)
	require.Empty(t, v.Findings)
}

func TestSpoiledSecretsAreRecognised(t *testing.T) {
	t.Parallel()
	for given, cause := range map[string]string{
		secret + "\n":      "white space around it",
		" " + secret:       "white space around it",
		`"` + secret + `"`: "quotation marks",
		"KEY=" + secret:    "NAME= before it",
		"Bearer " + secret: "Bearer before it",
		"whsec_" + secret:  "without whsec_",
	} {
		c := signed(t, "github", document)
		c.Options.Secrets = []string{"old", given}
		requireCause(t, run(t, c), true, cause)
	}
}

func TestSecretsThatAreReadInAnotherWayAreRecognised(t *testing.T) {
	t.Parallel()
	c := signed(t, "github", document)
	c.Options.Secrets = []string{base64.StdEncoding.EncodeToString([]byte(secret))}
	requireCause(t, run(t, c), true, "decoded from base64")
}

func TestChangedBodiesAreRecognised(t *testing.T) {
	t.Parallel()
	var indented bytes.Buffer
	require.NoError(t, json.Indent(&indented, []byte(document), "", "  "))
	for name, tc := range map[string]struct{ sent, got, cause string }{
		"a line feed more":       {document, document + "\n", "line feed at its end that was not signed"},
		"a line feed less":       {document + "\n", document, "lost the line feed at its end"},
		"CR LF":                  {"a\nb", "a\r\nb", "changed to CR LF"},
		"LF":                     {"a\r\nb", "a\nb", "from CR LF to LF"},
		"a byte order mark":      {document, "\ufeff" + document, "byte order mark"},
		"base64":                 {document, base64.StdEncoding.EncodeToString([]byte(document)), "still base64"},
		"the payload of a form":  {"payload=" + url.QueryEscape(document), document, "payload of a form"},
		"an escaped form":        {"a=b c", "a%3Db%20c", "still URL-encoded"},
		"Latin-1":                {"caf\xe9", "café", "converted to UTF-8 from Latin-1"},
		"read as Latin-1":        {"café", "cafÃ©", "read as Latin-1"},
		"indented":               {document, indented.String(), "signed was compact JSON."},
		"compact":                {indented.String(), document, "indented by two spaces."},
		"as Python writes it":    {`{"b": "x", "a": [1, 2]}`, `{"b":"x","a":[1,2]}`, "as Python writes it."},
		"as PHP writes it":       {`{"u":"https:\/\/h\/x"}`, `{"u":"https://h/x"}`, "with \\/ for each slash"},
		"as PHP writes both":     {`{"u":"\u00e9\/"}`, `{"u":"é/"}`, "with \\/ and \\u escapes"},
		"ASCII alone":            {`{"u":"\u00e9\ud83d\ude00"}`, `{"u":"é😀"}`, "with \\u escapes for all but ASCII"},
		"escapes decoded":        {`{"u":"é😀\"\\\n"}`, `{"u":"\u00e9\ud83d\ude00\"\\\n"}`, "without escapes"},
		"as Go writes it":        {`{"u":"\u003cb\u003e\u0026"}`, `{"u":"<b>&"}`, "for <, > and &"},
		"sorted":                 {`{"a":1,"b":2}`, `{"b":2,"a":1}`, "with sorted keys"},
		"sorted, as Python does": {`{"a": 1, "b": 2}`, `{"b":2,"a":1}`, "as Python writes it, with sorted keys"},
		"an empty body":          {"", "{}", "that of an empty body"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := signed(t, "github", tc.sent)
			c.Request.Body = []byte(tc.got)
			requireCause(t, run(t, c), true, tc.cause)
		})
	}
}

func TestTwoSlipsAtOnceAreRecognised(t *testing.T) {
	t.Parallel()
	c := signed(t, "github", document)
	c.Options.Secrets = []string{secret + "\n"}
	c.Request.Body = []byte(document + "\n")
	requireCause(t, run(t, c), true, "white space around it. And: The body has a line feed")
}

func TestAnotherAddressIsRecognised(t *testing.T) {
	t.Parallel()
	for _, given := range []string{
		"http://hooks.example.com/in/x", "https://hooks.example.com/in/x/", "https://internal:8443/in/x",
	} {
		c := signed(t, "twilio", "a=b")
		c.Request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		c.Options.PublicURL = given
		requireCause(t, run(t, c), true, "covers the address https://hooks.example.com/in/x,")
	}
}

func TestAnotherProviderIsRecognised(t *testing.T) {
	t.Parallel()
	stripe, known := provider.Lookup("stripe")
	require.True(t, known)
	c := signed(t, "github", document)
	c.Request.Header.Set("X-Github-Delivery", "1")
	c.Preset = stripe
	requireCause(t, run(t, c), true, "for another provider: github")

	c.Options.Secrets = []string{"unknown"}
	v := run(t, c)
	requireCause(t, v, false, "has the signature header of ")
	require.Contains(t, v.Findings[1].Cause, "There is X-Hub-Signature-256.")
}

func TestAMissingSignatureIsLookedFor(t *testing.T) {
	t.Parallel()
	c := signed(t, "github", document)
	c.Request.Header = http.Header{}
	requireCause(t, run(t, c), false, "Looked for it in the header X-Hub-Signature-256.")

	c.Request.Header["HTTP_X_HUB_SIGNATURE_256"] = []string{"x"}
	requireCause(t, run(t, c), false, "the same name spelled in another way")
}

func TestWhatIsNoSignatureIsDescribedNotShown(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"sha1=" + strings.Repeat("ab", 20): `40 hexadecimal digits, as many as SHA-1 has after "sha1="`,
		strings.Repeat("ab", 32):           "64 hexadecimal digits, as many as SHA-256 has",
		"sha256=":                          "nothing but sha256=",
		"sha256=!":                         "neither hexadecimal nor base64",
	} {
		c := signed(t, "github", document)
		c.Request.Header.Set("X-Hub-Signature-256", value)
		v := run(t, c)
		require.Equal(t, signature.MalformedSignature, v.Reason, value)
		require.Contains(t, v.Findings[0].Cause, want)
	}
}

func TestMissingPartsAreNamed(t *testing.T) {
	t.Parallel()
	c := signed(t, "standard-webhooks", document)
	c.Request.Header.Del("Webhook-Id")
	requireCause(t, run(t, c), false, "Missing: the header Webhook-Id.")
	c = signed(t, "slack", document)
	c.Request.Header.Del("X-Slack-Request-Timestamp")
	requireCause(t, run(t, c), false, "Missing: the header X-Slack-Request-Timestamp.")
}

func TestTheClockIsExplained(t *testing.T) {
	t.Parallel()
	for ahead, cause := range map[time.Duration]string{
		time.Hour:           "signed 1h ago; 5m is allowed",
		-90 * time.Minute:   "signed 1h30m in the future",
		50 * time.Hour:      "signed 2d2h ago",
		301 * time.Second:   "signed 5m1s ago",
		200_000 * time.Hour: "signed 8333d8h ago",
	} {
		c := signed(t, "stripe", document)
		c.Now = now().Add(ahead)
		requireCause(t, run(t, c), true, cause)
	}
}

func TestACustomSchemeIsCorrected(t *testing.T) {
	t.Parallel()
	scheme := signature.Scheme{Alg: "hmac-sha256", Sig: signature.Strings{"header:x-signature"}, TS: &signature.Timestamp{From: "header:x-ts"}}
	sender := scheme
	sender.Alg, sender.Msg, sender.Enc = "hmac-sha512", "{ts}.{body}", "base64"
	o := provider.Options{Secrets: []string{secret}}
	source, err := provider.Custom(sender, o)
	require.NoError(t, err)
	r := &signature.Request{Method: "POST", Body: []byte(document)}
	require.NoError(t, source.Sign(r, now()))
	v := run(t, diagnose.Case{Scheme: scheme, Options: o, Request: r, Now: now()})
	requireCause(t, v, true, "signs in another way than the scheme says")
	require.Equal(t, `Change the scheme to: alg: "hmac-sha512", enc: "base64", msg: "{ts}.{body}".`, v.Findings[0].Remedy)
}

func TestWhatNothingExplainsIsSaidSo(t *testing.T) {
	t.Parallel()
	c := signed(t, "github", document)
	c.Request.Body = nil
	c.Request.Header.Set("Content-Encoding", "gzip")
	c.Request.Header.Set("X-Hub-Signature-256", "sha256="+strings.Repeat("ab", 20))
	v := run(t, c)
	requireCause(t, v, false, "The request has no body.")
	require.Len(t, v.Findings, 4)
	require.Contains(t, v.Findings[1].Cause, "The signature has 20 bytes, as many as SHA-1 has; hmac-sha256 makes 32.")
	require.Contains(t, v.Findings[2].Cause, "Content-Encoding")
	require.Contains(t, v.Findings[3].Cause, "None of")
	require.Positive(t, v.Tried)
}

func TestABadCaseIsAnError(t *testing.T) {
	t.Parallel()
	c := signed(t, "github", document)
	c.Options.Secrets = nil
	_, err := diagnose.Run(t.Context(), c)
	require.ErrorContains(t, err, "secrets")
}

// A large body must not make the search last.
func TestALargeBodyIsSearchedQuickly(t *testing.T) {
	t.Parallel()
	c := signed(t, "github", `{"a":"`+strings.Repeat("x", 4<<20)+`"}`)
	c.Request.Body = append(c.Request.Body, ' ')
	requireCause(t, run(t, c), true, "white space around it that was not signed")
}
