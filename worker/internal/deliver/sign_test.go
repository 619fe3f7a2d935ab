package deliver_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/worker/internal/deliver"
)

const (
	newKey = "bmV3LWtleS1uZXcta2V5LW5ldy1rZXk="
	oldKey = "b2xkLWtleS1vbGQta2V5LW9sZC1rZXk="
)

func signing(secrets ...string) func(*config.Destination) {
	return func(d *config.Destination) {
		d.Signing = new(config.Signing)
		for _, s := range secrets {
			d.Signing.Secrets = append(d.Signing.Secrets, config.NewSecret(s))
		}
	}
}

// signatureOf is what the specification says, written down a second time.
func signatureOf(t *testing.T, key, id, timestamp string, body []byte) string {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(key)
	require.NoError(t, err)
	mac := hmac.New(sha256.New, raw)
	mac.Write([]byte(id + "." + timestamp + "." + string(body)))
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestARequestIsSignedWithEveryKey(t *testing.T) {
	t.Parallel()
	e := sample()
	r := deliverOne(t, e, signing("whsec_"+newKey, oldKey))
	id, timestamp := r.Header.Get("Webhook-Id"), r.Header.Get("Webhook-Timestamp")
	require.Equal(t, e.ID, id)
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), time.Unix(seconds, 0), time.Minute)
	require.Equal(t, []string{
		signatureOf(t, newKey, id, timestamp, e.Body),
		signatureOf(t, oldKey, id, timestamp, e.Body),
	}, strings.Fields(r.Header.Get("Webhook-Signature")))
}

func TestTheProvidersOwnTrioMovesAside(t *testing.T) {
	t.Parallel()
	e := sample()
	e.Request.Header = append(e.Request.Header,
		event.Field{Name: "webhook-id", Value: "msg_1"},
		event.Field{Name: "webhook-timestamp", Value: "1700000000"},
		event.Field{Name: "webhook-signature", Value: "v1,theirs"},
		event.Field{Name: "original-webhook-id", Value: "forged"})
	r := deliverOne(t, e, signing(newKey))
	require.Equal(t, []string{"msg_1"}, r.Header.Values("Original-Webhook-Id"))
	require.Equal(t, "1700000000", r.Header.Get("Original-Webhook-Timestamp"))
	require.Equal(t, "v1,theirs", r.Header.Get("Original-Webhook-Signature"))
	require.Equal(t, []string{e.ID}, r.Header.Values("Webhook-Id"))

	r = deliverOne(t, e, nil)
	require.Equal(t, "v1,theirs", r.Header.Get("Webhook-Signature"), "an unsigned destination gets them as they came")
}

func TestABadSigningSecretIsRefusedUnseen(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"whsec_", "not base64!"} {
		d := settings("http://127.0.0.1")
		signing(newKey, secret)(d)
		_, err := deliver.New(d, deliver.Options{})
		require.ErrorContains(t, err, "destination billing: signing secret 2 is not base64")
		require.NotContains(t, err.Error(), "not base64!")
	}
}

func TestTheOfficialLibraryAcceptsTheSignatureDuringARotation(t *testing.T) {
	t.Parallel()
	e := sample()
	r := deliverOne(t, e, signing("whsec_"+newKey, oldKey))
	for _, key := range []string{"whsec_" + newKey, newKey, "whsec_" + oldKey} {
		official, err := standardwebhooks.NewWebhook(key)
		require.NoError(t, err)
		require.NoError(t, official.Verify(r.body, r.Header))
		require.ErrorIs(t, official.Verify(append(r.body, ' '), r.Header), standardwebhooks.ErrNoMatchingSignature)
	}
	stranger, err := standardwebhooks.NewWebhook(base64.StdEncoding.EncodeToString([]byte("another key")))
	require.NoError(t, err)
	require.ErrorIs(t, stranger.Verify(r.body, r.Header), standardwebhooks.ErrNoMatchingSignature)
}
