package provider_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
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
		if end != at[0] || kind == "secret" || kind == "cfg" || kind == "method" {
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
	found := 0
	for _, p := range presets() {
		if !slices.ContainsFunc(append([]string{p.Scheme.Msg}, p.Scheme.AltMsg...), func(m string) bool { return cutAnywhere(p.Scheme, m) }) && p.Code != "plivo" {
			continue
		}
		found++
		if _, whole := p.Require["body|jsontype"]; !whole { // a part of a JSON document is none
			require.Contains(t, p.Notes, "signed as one text: where one ends and the next begins is not signed.", p.ID)
		}
	}
	require.Greater(t, found, 10)
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
