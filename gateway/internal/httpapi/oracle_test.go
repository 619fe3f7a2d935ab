package httpapi_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// challenges are texts that some provider may send to be signed, and that a stranger may choose.
func challenges() []string {
	return []string{
		"20f9f8ed05f77439fe955c977e4c8a53", "12345678901234567890", "0", "1", "true", "null", "abc", "a=1", "890e4665-4dfe-4ab1-b689-ed553bceeed0",
		`{"evil":1}`, `[{"evil":1}]`, `"evil"`, ` {"for_user_id":"1"}`, "kind=evil", "<kind>evil</kind>",
	}
}

// keyed reports whether an answer of the preset is computed with its secret.
func keyed(p *provider.Preset) bool {
	return slices.ContainsFunc(p.Handshakes, func(h provider.Handshake) bool { return strings.Contains(h.Reply.Body, "|hmac") })
}

// What a handshake answers is a signature. No stranger may use it for an event.
func TestHostileAnswersOfHandshakesSignNoEvents(t *testing.T) {
	t.Parallel()
	var names []string
	for _, p := range provider.All() {
		if keyed(p) {
			names = append(names, p.ID)
		}
	}
	require.Equal(t, []string{"braintree", "linkedin", "smartcar", "x-twitter", "zoom"}, names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _ := provider.Lookup(name)
			pipeline, published := sources(t, name+": {provider: "+name+", secrets: ['${S}'], rateLimit: 10000/s"+settings(p)+"}")
			b := setup(t, pipeline, quietLog)
			played := 0
			for _, challenge := range challenges() {
				for _, forged := range forgeries(t, b, p, challenge) {
					played++
					res := b.send(t, http.MethodPost, "/in/"+name, forged.body, forged.header)
					require.Equal(t, http.StatusUnauthorized, res.status, "%q %v", forged.body, forged.header)
				}
			}
			require.Zero(t, published.confirmed.Load())
			require.True(t, played > 0 || p.Handshakes[0].First == "verify", "no question of a stranger was answered")
		})
	}
}

func settings(p *provider.Preset) string {
	if len(p.Config) == 0 {
		return ""
	}
	values := make([]string, 0, len(p.Config))
	for name := range p.Config {
		values = append(values, name+": 'value'")
	}
	return ", config: {" + strings.Join(values, ", ") + "}"
}

// forgery is an event that a stranger makes of an answer.
type forgery struct {
	header http.Header
	body   string
}

// forgeries asks the preset's questions and uses whatever looks like a signature in the answers as
// the signature of an event that says the challenge.
func forgeries(t *testing.T, b *bundle, p *provider.Preset, challenge string) []forgery {
	t.Helper()
	var all []forgery
	for _, h := range p.Handshakes {
		res := b.ask(t, p.ID, questionOf(h, challenge))
		if res.status != http.StatusOK {
			continue
		}
		for _, sum := range regexp.MustCompile(`[0-9A-Za-z+/=_-]{20,}`).FindAllString(strings.ReplaceAll(res.body, "sha256=", ""), -1) {
			all = append(all, forge(p.Scheme, challenge, sum))
		}
	}
	return all
}

// forge signs a challenge as the scheme has its events signed.
func forge(s signature.Scheme, challenge, sum string) forgery {
	now := strconv.FormatInt(time.Now().Unix(), 10)
	item := "{sig}"
	if len(s.Items) > 0 {
		item = s.Items[0]
	}
	f := forgery{header: http.Header{"Content-Type": {"application/json"}}, body: challenge}
	written := strings.NewReplacer("{sig}", sum, "{ts}", now, "{keyid}", "value").Replace(item)
	kind, name, _ := strings.Cut(s.Sig[0], ":")
	if kind == "form" {
		form := url.Values{name: {written}}
		for _, field := range regexp.MustCompile(`\{form:([a-z_]+)`).FindAllStringSubmatch(s.Msg, -1) {
			form.Set(field[1], challenge)
		}
		f.header.Set("Content-Type", "application/x-www-form-urlencoded")
		f.body = form.Encode()
	} else {
		f.header.Set(name, written)
	}
	if s.TS != nil {
		_, field, _ := strings.Cut(s.TS.From, ":")
		f.header.Set(field, now)
	}
	return f
}
