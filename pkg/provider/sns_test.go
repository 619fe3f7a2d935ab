package provider_test

import (
	"crypto"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

const (
	snsCertificate = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"
	snsTopic       = "arn:aws:sns:eu-west-1:123456789012:orders"
	snsConfirm     = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc"
)

// snsSource is a source for one topic, in a world where SNS answers.
func snsSource(t testing.TB) (*provider.Source, *network) {
	t.Helper()
	root := certify(t, nil, "root")
	certificate := certificateOf(t, &root, "sns.amazonaws.com", nil, &testPairs().rsa.PublicKey)
	world := serving(map[string]string{"GET " + snsCertificate: certificatePEM(certificate), "GET " + snsConfirm: "<ok/>"})
	return online(t, "amazon-sp", world, provider.Options{Config: map[string]string{"topics": snsTopic}}), world
}

// snsMessage signs a message as SNS does: names and values, a line each, in the
// order of the names.
func snsMessage(t testing.TB, version string, fields ...string) *signature.Request {
	t.Helper()
	var members []string
	for i := 0; i+1 < len(fields); i += 2 {
		members = append(members, `"`+fields[i]+`":"`+fields[i+1]+`"`)
	}
	algorithm := crypto.SHA1
	if version == "2" {
		algorithm = crypto.SHA256
	}
	sig := b64(rsaSign(t, algorithm, []byte(strings.Join(fields, "\n")+"\n")))
	return post(`{`+strings.Join(members, ",")+`,"SignatureVersion":"`+version+`","SigningCertURL":"`+snsCertificate+`","Signature":"`+sig+`"}`,
		"Content-Type", "text/plain; charset=UTF-8")
}

func notification(t testing.TB, version, topic string) *signature.Request {
	t.Helper()
	return snsMessage(t, version, "Message", "hello", "MessageId", "m1", "Subject", "s",
		"Timestamp", "2023-11-14T22:13:20Z", "TopicArn", topic, "Type", "Notification")
}

func confirmation(t testing.TB, address string) *signature.Request {
	t.Helper()
	return snsMessage(t, "1", "Message", "confirm", "MessageId", "m2", "SubscribeURL", address,
		"Timestamp", "2023-11-14T22:13:20Z", "Token", "abc", "TopicArn", snsTopic, "Type", "SubscriptionConfirmation")
}

func TestSNSMessagesOfTheTopicAreAccepted(t *testing.T) {
	t.Parallel()
	source, _ := snsSource(t)
	for _, version := range []string{"1", "2"} {
		r := notification(t, version, snsTopic)
		require.Equal(t, signature.None, source.Verify(t.Context(), r, time.Unix(now, 0)).Reason, "version %s", version)
		id, typ := source.Identify(r)
		require.Equal(t, []string{"m1", "Notification"}, []string{id, typ})
	}
	require.Equal(t, signature.UnsupportedAlgorithm, source.Verify(t.Context(), notification(t, "3", snsTopic), time.Unix(now, 0)).Reason)
}

func TestSNSTopicsOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	source, _ := snsSource(t)
	r := notification(t, "2", "arn:aws:sns:eu-west-1:999999999999:anybodys")
	require.Equal(t, signature.BadToken, source.Verify(t.Context(), r, time.Unix(now, 0)).Reason)
}

func TestAnSNSSubscriptionIsConfirmedOnce(t *testing.T) {
	t.Parallel()
	source, world := snsSource(t)
	r := confirmation(t, snsConfirm)
	require.Equal(t, signature.None, source.Verify(t.Context(), r, time.Unix(now, 0)).Reason)

	_, asked := source.Handshake(t.Context(), r, false)
	require.False(t, asked, "confirmed before verification")
	answer, asked := source.Handshake(t.Context(), r, true)
	require.True(t, asked)
	require.Equal(t, http.StatusOK, answer.Status)
	require.Contains(t, world.requests(), "GET "+snsConfirm)
}

func TestAnSNSSubscriptionIsConfirmedNowhereElse(t *testing.T) {
	t.Parallel()
	for _, elsewhere := range []string{
		"https://evil.example/?a", "https://sns.eu-west-1.amazonaws.com.evil.example/", "http://sns.eu-west-1.amazonaws.com/",
		"https://s3.eu-west-1.amazonaws.com/", "https://169.254.169.254/latest/meta-data", "https://sns.x.y.amazonaws.com/",
	} {
		source, world := snsSource(t)
		answer, asked := source.Handshake(t.Context(), confirmation(t, elsewhere), true)
		require.True(t, asked)
		require.Equal(t, http.StatusForbidden, answer.Status, elsewhere)
		require.Empty(t, world.requests(), elsewhere)
	}
}

func TestAFailedSNSConfirmationIsAskedForAgain(t *testing.T) {
	t.Parallel()
	source, _ := snsSource(t)
	answer, asked := source.Handshake(t.Context(), confirmation(t, "https://sns.eu-west-1.amazonaws.com/?gone"), true)
	require.True(t, asked)
	require.Equal(t, http.StatusServiceUnavailable, answer.Status)
}
