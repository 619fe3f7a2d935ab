package provider_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// These examples are printed in the providers' documentation.
func TestPublishedExamplesAreAccepted(t *testing.T) {
	t.Parallel()
	for id, tc := range map[string]struct {
		secret  string
		at      int64
		request *signature.Request
	}{
		"github": {
			secret: "It's a Secret to Everybody",
			request: post("Hello, World!",
				"X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"),
		},
		"jira": {
			secret:  "It's a Secret to Everybody",
			request: post("Hello World!", "X-Hub-Signature", "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"),
		},
		"slack": {
			secret: "8f742231b10e8888abcd99yyyzzz85a5", at: 1531420618,
			request: post("token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"+
				"channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&"+
				"response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&"+
				"trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
				"X-Slack-Request-Timestamp", "1531420618",
				"X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
		},
		"standard-webhooks": {
			secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", at: 1614265330,
			request: post(`{"test": 2432232314}`, "Webhook-Id", "msg_p5jXN8AQM9LWM0D4loKWxJek",
				"Webhook-Timestamp", "1614265330", "Webhook-Signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
		},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			source := setup(t, id, provider.Options{Secrets: []string{tc.secret}})
			require.Equal(t, signature.None, source.Verify(t.Context(), tc.request, time.Unix(tc.at, 0)).Reason)
		})
	}
}

func TestThePublishedAnswerToEbayIsGiven(t *testing.T) {
	t.Parallel()
	source := setup(t, "ebay", provider.Options{
		Secrets:   []string{testKey(t, "ecdsa")},
		PublicURL: "http://www.testendpoint.com/webhook",
		Config:    map[string]string{"verification_token": "71745723-d031-455c-bfa5-f90d11b4f20a"},
	})
	answer, asked := source.Handshake(t.Context(), get("challenge_code=a8628072-3d33-45ee-9004-bee86830a22d"), false)
	require.True(t, asked)
	require.JSONEq(t, `{"challengeResponse":"ca527df75caa230092d7e90484071e8f05d63068f1317973d6a3a42593734bbb"}`, string(answer.Body))
}

func TestEbayIsNotAnsweredWithoutAToken(t *testing.T) {
	t.Parallel()
	source := setup(t, "ebay", provider.Options{Secrets: []string{testKey(t, "ecdsa")}})
	answer, asked := source.Handshake(t.Context(), get("challenge_code=a"), false)
	require.True(t, asked)
	require.Equal(t, 403, answer.Status)
}
