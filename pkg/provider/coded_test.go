package provider_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// codedCase is a request that a provider would send, signed here by hand.
type codedCase struct {
	preset  string
	options provider.Options
	request *signature.Request
	id, typ string
}

func codedCases(t testing.TB) []codedCase {
	t.Helper()
	pairs := testPairs()
	return []codedCase{
		{
			preset: "bridge-xyz", options: provider.Options{Secrets: []string{publicPEM(t, &pairs.rsa.PublicKey)}},
			request: bridgeRequest(t), id: "e1", typ: "transfer.updated",
		},
		{
			preset: "contentful", options: provider.Options{Secrets: []string{textSecret}, PublicURL: "https://hooks.example.com/in/source"},
			request: contentfulRequest(), typ: "ContentManagement.Entry.publish",
		},
		{
			preset: "hygraph", options: provider.Options{Secrets: []string{textSecret}},
			request: hygraphRequest(),
		},
		{
			preset: "neon", options: provider.Options{
				Secrets: []string{keySet(t, "k1", pairs.ed.Public())}, Config: map[string]string{"auth_url": "auth.example.com"},
			},
			request: neonRequest(), id: "e1", typ: "user.created",
		},
		{
			preset: "paddle-classic", options: provider.Options{Secrets: []string{publicPEM(t, &pairs.rsa.PublicKey)}},
			request: paddleClassicRequest(t), id: "7", typ: "payment_succeeded",
		},
		{
			preset: "plivo", options: provider.Options{Secrets: []string{textSecret}, PublicURL: "https://hooks.example.com/in/source"},
			request: plivoRequest(), typ: "Hangup",
		},
		{
			preset: "salesforce", options: provider.Options{Secrets: []string{"00D000000000001EAA"}},
			request: salesforceRequest(), id: "04l1", typ: "Account",
		},
		{
			preset: "truelayer", options: provider.Options{
				Secrets: []string{keySet(t, "k1", &pairs.p521.PublicKey)}, PublicURL: "https://hooks.example.com/in/source",
			},
			request: truelayerRequest(t), id: "e1", typ: "payment_executed",
		},
		{
			preset: "wix", options: provider.Options{Secrets: []string{publicPEM(t, &pairs.rsa.PublicKey)}},
			request: wixRequest(t), id: "o1", typ: "wix.orders.created",
		},
		{
			preset: "kinde", options: provider.Options{
				Secrets: []string{keySet(t, "k1", &pairs.rsa.PublicKey)}, Config: map[string]string{"domain": "example.kinde.com"},
			},
			request: post(token(t, jwt.SigningMethodRS256, pairs.rsa, map[string]any{"kid": "k1"},
				jwt.MapClaims{"event_id": "e1", "type": "user.created"})), id: "e1", typ: "user.created",
		},
		{
			preset: "fal", options: provider.Options{Secrets: []string{keySet(t, "k1", pairs.ed.Public())}},
			request: falRequest(), id: "r1", typ: "OK",
		},
		{
			preset: "constant-contact", options: provider.Options{Secrets: []string{keySet(t, "k1", &pairs.rsa.PublicKey)}},
			request: constantContactRequest(t),
		},
		{preset: "lark", options: provider.Options{Secrets: []string{textSecret}}, request: larkRequest(t), id: "e1", typ: "im.message.receive_v1"},
	}
}

func TestCodedProvidersAcceptWhatTheySigned(t *testing.T) {
	t.Parallel()
	for _, c := range codedCases(t) {
		t.Run(c.preset, func(t *testing.T) {
			t.Parallel()
			source := setup(t, c.preset, c.options)
			require.Equal(t, signature.None, source.Verify(t.Context(), c.request, time.Unix(now, 0)).Reason)
			id, typ := source.Identify(c.request)
			require.Equal(t, []string{c.id, c.typ}, []string{id, typ})
			_, replies := source.Reply(c.request)
			require.True(t, replies)
		})
	}
}

func TestCodedProvidersRefuseAnAlteredBody(t *testing.T) {
	t.Parallel()
	for _, c := range codedCases(t) {
		if c.preset == "salesforce" {
			continue // only the organization is compared
		}
		t.Run(c.preset, func(t *testing.T) {
			t.Parallel()
			source := setup(t, c.preset, c.options)
			altered := *c.request
			altered.Body = append([]byte("0"), c.request.Body...)
			require.False(t, source.Verify(t.Context(), &altered, time.Unix(now, 0)).OK)

			unsigned := *c.request
			unsigned.Header = http.Header{}
			if c.preset != "paddle-classic" && c.preset != "wix" && c.preset != "kinde" {
				require.False(t, source.Verify(t.Context(), &unsigned, time.Unix(now, 0)).OK)
			}
		})
	}
}

func TestAnEncryptedLarkHandshakeIsAnswered(t *testing.T) {
	t.Parallel()
	source := setup(t, "lark", provider.Options{Secrets: []string{textSecret}, Config: map[string]string{"verify_token": "t"}})
	question := `{"type":"url_verification","token":"t","challenge":"c1"}`
	answer, asked := source.Handshake(t.Context(), post(`{"encrypt":"`+larkSeal(t, question)+`"}`), false)
	require.True(t, asked)
	require.JSONEq(t, `{"challenge":"c1"}`, string(answer.Body))
}

func TestEveryItemOfABatchIsVerified(t *testing.T) {
	t.Parallel()
	source := setup(t, "microsoft-graph", provider.Options{Secrets: []string{"right"}})
	item := func(state string) string { return `{"clientState":"` + state + `","changeType":"updated"}` }
	for body, want := range map[string]bool{
		`{"value":[` + item("right") + `]}`:                       true,
		`{"value":[` + item("right") + `,` + item("right") + `]}`: true,
		`{"value":[` + item("right") + `,` + item("wrong") + `]}`: false,
		`{"value":[` + item("right") + `,{}]}`:                    false,
		`{"value":[` + item("wrong") + `,` + item("right") + `]}`: false,
		`{"value":[]}`: false,
		`{}`:           false,
		`{"value":[` + item("right") + `],"value":[` + item("wrong") + `]}`: false,
	} {
		require.Equal(t, want, source.Verify(t.Context(), post(body), time.Unix(now, 0)).OK, body)
	}
}
