package provider_test

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

var placeholders = regexp.MustCompile(`\{\??([^{}?]+)\??\}`)

// cutAnywhere reports whether a message has two values of the sender with nothing between them that the sender does not
// choose: who has a signature can move the end of the one and the beginning of the other. A time that is looked at
// cannot be moved, and two values on both sides of it can: the text of another time may be in one of them.
func cutAnywhere(scheme signature.Scheme, message string) bool {
	chosen, end := false, 0
	for _, at := range placeholders.FindAllStringSubmatchIndex(message, -1) {
		name := message[at[2]:at[3]]
		kind, _, _ := strings.Cut(name, ":")
		if end != at[0] || kind == "url" || kind == "url_noquery" || kind == "secret" || kind == "cfg" || kind == "method" {
			chosen = false
		}
		end = at[1]
		switch {
		case kind == "secret" || kind == "cfg" || kind == "method":
		case isTime(scheme.TS, name):
		case chosen || kind == "form_sorted":
			return true
		default:
			chosen = true
		}
	}
	return false
}

// isTime reports whether a value is a time that has to be that of the request.
func isTime(t *signature.Timestamp, name string) bool {
	return t != nil && (name == "ts" || name == t.From) && (t.Tol == nil || *t.Tol > 0)
}

func TestWhatIsSignedAsOneTextIsCutInOneWayOrThePresetSaysSo(t *testing.T) {
	t.Parallel()
	found, open := 0, []string(nil)
	for _, p := range presets() {
		if !slices.ContainsFunc(append([]string{p.Scheme.Msg}, p.Scheme.AltMsg...), func(m string) bool { return cutAnywhere(p.Scheme, m) }) && p.Code != "plivo" {
			continue
		}
		found++
		if len(p.Require) == 0 || p.ID == "paymob" { // what is required is shown below
			require.Contains(t, p.Notes, oneText, p.ID)
			open = append(open, p.ID)
		}
	}
	require.Greater(t, found, 10)
	require.Equal(t, []string{"paymob", "paypro-global", "plivo", "praxis", "twilio"}, open)
}

// A captured request is cut behind a time that is in its body: what is before it moves to the message's id, or into
// the query.
func TestACapturedRequestIsNotCutAnew(t *testing.T) {
	t.Parallel()
	mark := time.Unix(now, 0).UTC().Format(time.RFC3339)
	head, tail := `{"note":"`, `{\"evil\":1}"}`
	for _, id := range []string{"twitch", "square"} {
		p, _ := provider.Lookup(id)
		o := optionsFor(t, p)
		source := setup(t, id, o)
		r := sampleOf(t, p, o)
		r.RawQuery, r.Body = "a=b", []byte(head+mark+tail)
		sign(t, p, o, r)
		require.True(t, source.Verify(t.Context(), r, time.Unix(now, 0)).OK, id)
		cut := clone(r)
		cut.Body = []byte(tail)
		if id == "twitch" {
			cut.Header.Set("Twitch-Eventsub-Message-Id", r.Header.Get("Twitch-Eventsub-Message-Id")+r.Header.Get("Twitch-Eventsub-Message-Timestamp")+head)
			cut.Header.Set("Twitch-Eventsub-Message-Timestamp", mark)
		} else {
			cut.RawQuery += head + mark
		}
		require.Equal(t, signature.NoEvent, source.Verify(t.Context(), cut, time.Unix(now, 0)).Reason, "%s: its signature fits, and it is no event", id)
	}
}

// Mandrill's one field cannot be another one, or two.
func TestAFormOfMandrillIsNotCutAnew(t *testing.T) {
	t.Parallel()
	p, _ := provider.Lookup("mandrill")
	o := optionsFor(t, p)
	source := setup(t, "mandrill", o)
	events := `[{"event":"inbound","msg":{"text":"mandrill_events[{}]"}}]`
	r := post("mandrill_events="+url.QueryEscape(events), "Content-Type", "application/x-www-form-urlencoded")
	sign(t, p, o, r)
	require.True(t, source.Verify(t.Context(), r, time.Unix(now, 0)).OK)
	for _, fields := range []url.Values{
		{"mandrill_events[": {events[1:]}}, {"mandrill_event": {"s" + events}}, {"mandrill_events" + events: {""}}, {"": {"mandrill_events" + events}},
		{"mandrill_events": {`[{"event":"inbound","msg":{"text":"`, `[{}]"}}]`}},
	} {
		cut := clone(r)
		cut.Method, cut.Body = http.MethodPost, []byte(fields.Encode())
		require.False(t, source.Verify(t.Context(), cut, time.Unix(now, 0)).OK, fields)
	}
}

// What a preset requires of the values tells one from the next.
func TestValuesOfKnownFormAreNotCutAnew(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	seconds, digits := strconv.Itoa(now), strings.Repeat("7", 50)
	for id, tc := range map[string]struct {
		query, body string
		header      []string
		cut         func(r *signature.Request)
	}{
		"quicknode": {body: `{"a":"` + seconds + `x"}`, header: []string{"X-Qn-Nonce", "n1"}, cut: func(r *signature.Request) {
			r.Header.Set("X-Qn-Nonce", "n1"+seconds+`{"a":"`)
			r.Body = []byte(`x"}`)
		}},
		"solidgate": {body: `{"a":1}`, header: []string{"Merchant", "aa"}, cut: func(r *signature.Request) {
			r.Header.Set("Merchant", "a")
			r.Body = []byte(`a{"a":1}a`)
		}},
		"hubspot": {query: "a=b", body: `[{"a":1},{"b":2}]`, cut: func(r *signature.Request) {
			r.RawQuery, r.Body = `a=b[{"a":1},`, []byte(`{"b":2}]`)
		}},
		"hubspot-v2": {query: "a=b", body: `[]`, cut: func(r *signature.Request) {
			r.RawQuery, r.Body = "a=", []byte("b[]")
		}},
		"usps": {body: `{"timestamp":"2026","payload":"{\"a\":1}"}`, cut: func(r *signature.Request) {
			r.Body = []byte(`{"timestamp":"2026{","payload":"\"a\":1}"}`)
		}},
		"dropbox-sign": {
			body: "json=" + url.QueryEscape(`{"event":{"event_time":"1348177752","event_type":"callback_test"}}`), header: []string{"Content-Type", form},
			cut: func(r *signature.Request) {
				r.Body = []byte(strings.NewReplacer("1348177752", "134817775", "callback", "2callback").Replace(string(r.Body)))
			},
		},
		"paymob": {body: `{"obj":{"amount_cents":100,"created_at":"2020-03-25T18:39:44.719228","currency":"EGP"}}`, cut: func(r *signature.Request) {
			r.Body = []byte(`{"obj":{"amount_cents":1002020,"created_at":"-03-25T18:39:44.719228","currency":"EGP"}}`)
		}},
		"mailgun": {body: `{"signature":{"timestamp":"` + seconds + `","token":"` + digits + `"}}`, cut: func(r *signature.Request) {
			r.Body = []byte(strings.NewReplacer(seconds, seconds+"7", digits, digits[1:]).Replace(string(r.Body)))
		}},
	} {
		p, _ := provider.Lookup(id)
		o := optionsFor(t, p)
		o.Config = map[string]string{}
		source := setup(t, id, o)
		r := post(tc.body, tc.header...)
		r.RawQuery = tc.query
		sign(t, p, o, r)
		require.Equal(t, signature.None, source.Verify(t.Context(), r, time.Unix(now, 0)).Reason, id)
		tc.cut(r)
		require.Equal(t, signature.NoEvent, source.Verify(t.Context(), r, time.Unix(now, 0)).Reason, "%s: its signature fits, and it is no event", id)
	}
}
