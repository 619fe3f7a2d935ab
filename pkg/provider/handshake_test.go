package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

func get(query string) *signature.Request {
	r := post("")
	r.Method, r.RawQuery = http.MethodGet, query
	return r
}

func TestHandshakesAreAnsweredAsTheProviderWants(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		preset   string
		config   map[string]string
		request  *signature.Request
		verified bool
		status   int
		body     string
	}{
		"Slack, after verification": {
			preset: "slack", verified: true, request: post(`{"type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV"}`),
			status: 200, body: "3eZbrw1aBm2rZgRNFdxV",
		},
		"Meta with the right token": {
			preset: "meta", config: map[string]string{"verify_token": "right"},
			request: get("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=right"), status: 200, body: "1158201444",
		},
		"Meta with a wrong token": {
			preset: "meta", config: map[string]string{"verify_token": "right"},
			request: get("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=wrong"), status: 403,
		},
		"Meta without a configured token": {
			preset: "meta", request: get("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="), status: 403,
		},
		"WebSub for a topic that nobody asked for": {
			preset: "youtube", config: map[string]string{"topics": "https://a.example https://b.example"},
			request: get("hub.challenge=1&hub.topic=https%3A%2F%2Fc.example"), status: 404,
		},
		"WebSub for the second topic": {
			preset: "youtube", config: map[string]string{"topics": "https://a.example https://b.example"},
			request: get("hub.challenge=1&hub.topic=https%3A%2F%2Fb.example"), status: 200, body: "1",
		},
		"JSON stays JSON": {
			preset: "monday", request: post(`{"challenge":"a\"}<b>"}`), status: 200, body: `{"challenge":"a\"}\u003cb\u003e"}`,
		},
		"text that wants to be signed": {
			preset: "x-twitter", request: get(`crc_token=%7B%22forged%22%3Atrue%7D`), status: 400,
		},
		"an echo that is too long": {
			preset: "dropbox", request: get("challenge=" + strings.Repeat("a", 1025)), status: 400,
		},
		"a header field that would be split": {
			preset: "ringcentral", request: post("", "Validation-Token", "a\r\nSet-Cookie: b"), status: 400,
		},
		"Discord's ping of an interaction": {
			preset: "discord", verified: true, request: post(`{"type":1,"id":"1"}`), status: 200, body: `{"type":1}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _ := provider.Lookup(tc.preset)
			source := setup(t, tc.preset, provider.Options{Secrets: []string{secretFor(t, p)}, Config: tc.config})
			_, asked := source.Handshake(t.Context(), tc.request, !tc.verified)
			require.False(t, asked, "answered at the wrong time")
			answer, asked := source.Handshake(t.Context(), tc.request, tc.verified)
			require.True(t, asked)
			require.Equal(t, tc.status, answer.Status)
			require.Equal(t, tc.body, string(answer.Body))
			if tc.body != "" {
				require.Equal(t, "nosniff", answer.Header["X-Content-Type-Options"])
			}
		})
	}
}

func TestAnEventIsNoHandshake(t *testing.T) {
	t.Parallel()
	for id, body := range map[string]string{
		"slack":   `{"type":"event_callback","challenge":"x"}`,
		"monday":  `{"challenge":"x","event":{}}`,
		"discord": `{"type":1,"event":{"type":"ENTITLEMENT_CREATE"}}`,
		"tebex":   `{"id":"a","type":"payment.completed"}`,
	} {
		p, _ := provider.Lookup(id)
		source := setup(t, id, provider.Options{Secrets: []string{secretFor(t, p)}})
		for _, verified := range []bool{false, true} {
			_, asked := source.Handshake(t.Context(), post(body), verified)
			require.False(t, asked, id)
		}
	}
}

func TestASecretIsTakenOverOnlyWhilePending(t *testing.T) {
	t.Parallel()
	offer := post("", "X-Hook-Secret", "b537207f20cbfa02357cf448134da559")

	settled := setup(t, "asana", provider.Options{Secrets: []string{textSecret}})
	_, asked := settled.Handshake(t.Context(), offer, false)
	require.False(t, asked)

	waiting := setup(t, "asana", provider.Options{Pending: true})
	answer, asked := waiting.Handshake(t.Context(), offer, false)
	require.True(t, asked)
	require.Equal(t, "b537207f20cbfa02357cf448134da559", answer.Header["X-Hook-Secret"])
	require.Equal(t, "b537207f20cbfa02357cf448134da559", answer.Secret)
}

func TestAPendingSourceAcceptsNoEvent(t *testing.T) {
	t.Parallel()
	source := setup(t, "asana", provider.Options{Pending: true})
	result := source.Verify(t.Context(), post(`{"events":[]}`, "X-Hook-Signature", strings.Repeat("0", 64)), time.Unix(now, 0))
	require.Equal(t, signature.UnknownKey, result.Reason)
}

func TestOnlyWhatCapturesASecretCanBePending(t *testing.T) {
	t.Parallel()
	var captures []string
	for _, p := range provider.All() {
		options := optionsFor(t, p)
		options.Pending = true
		_, err := provider.New(p, options)
		if p.Captures() {
			captures = append(captures, p.ID)
			require.NoError(t, err, p.ID)
			continue
		}
		require.ErrorContains(t, err, "pending: "+p.Name+" hands over no secret in a handshake")
	}
	require.Equal(t, []string{"asana", "clio", "notion"}, captures)
}

func TestAnOversizedSecretIsNotTakenOver(t *testing.T) {
	t.Parallel()
	source := setup(t, "notion", provider.Options{Pending: true})
	answer, asked := source.Handshake(t.Context(), post(`{"verification_token":"`+strings.Repeat("a", 2000)+`"}`), false)
	require.True(t, asked)
	require.Empty(t, answer.Secret)
}

func TestMethodsAreThoseOfTheHandshakes(t *testing.T) {
	t.Parallel()
	for id, want := range map[string][]string{
		"stripe": {"POST"}, "meta": {"GET", "POST"}, "trello": {"HEAD", "POST"}, "cloudevents": {"OPTIONS", "POST"}, "ebay": {"GET", "POST"},
	} {
		p, _ := provider.Lookup(id)
		o := optionsFor(t, p)
		source := setup(t, id, o)
		require.Equal(t, want, source.Methods(), id)
	}
}
