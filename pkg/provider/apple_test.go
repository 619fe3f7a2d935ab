package provider_test

import (
	"encoding/asn1"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// The marks of certificates for the App Store.
func leafMark() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 2, 840, 113635, 100, 6, 11, 1} }
func intermediateMark() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113635, 100, 6, 2, 1}
}

// notice is a notification signed by the leaf of a chain.
func notice(t testing.TB, leaf, intermediate authority, bundle string) *signature.Request {
	t.Helper()
	chain := [][]byte{leaf.certificate.Raw, intermediate.certificate.Raw}
	payload := token(t, jwt.SigningMethodES256, leaf.key, map[string]any{"x5c": chain}, jwt.MapClaims{
		"notificationUUID": "n1", "notificationType": "DID_RENEW", "subtype": "BILLING_RECOVERY", "data": map[string]any{"bundleId": bundle},
	})
	return post(`{"signedPayload":"` + payload + `"}`)
}

func TestAppleNotificationsAreAcceptedByTheirChain(t *testing.T) {
	t.Parallel()
	root := certify(t, nil, "Root")
	intermediate := certify(t, &root, "Intermediate", intermediateMark())
	leaf := certify(t, &intermediate, "Leaf", leafMark())
	source := setup(t, "apple-appstore", provider.Options{
		Secrets: []string{certificatePEM(root.certificate)}, Config: map[string]string{"bundle_ids": "com.example.one, com.example.two"},
	})
	verify := func(r *signature.Request) signature.Reason {
		return source.Verify(t.Context(), r, time.Now()).Reason
	}
	r := notice(t, leaf, intermediate, "com.example.two")
	require.Equal(t, signature.None, verify(r))
	id, typ := source.Identify(r)
	require.Equal(t, []string{"n1", "DID_RENEW.BILLING_RECOVERY"}, []string{id, typ})

	require.Equal(t, signature.BadToken, verify(notice(t, leaf, intermediate, "com.example.other")), "another app's notification")

	otherRoot := certify(t, nil, "Root")
	otherIntermediate := certify(t, &otherRoot, "Intermediate", intermediateMark())
	otherLeaf := certify(t, &otherIntermediate, "Leaf", leafMark())
	require.Equal(t, signature.UnknownKey, verify(notice(t, otherLeaf, otherIntermediate, "com.example.two")), "a root of somebody else")

	unmarked := certify(t, &intermediate, "Leaf")
	require.Equal(t, signature.UnknownKey, verify(notice(t, unmarked, intermediate, "com.example.two")), "a certificate for another purpose")

	impostor := authority{certificate: leaf.certificate, key: otherLeaf.key}
	require.Equal(t, signature.Mismatch, verify(notice(t, impostor, intermediate, "com.example.two")), "the certificate without its key")
}

func TestApplesOwnRootIsTrustedByDefault(t *testing.T) {
	t.Parallel()
	source := setup(t, "apple-appstore", provider.Options{Config: map[string]string{"bundle_ids": "com.example"}})
	root := certify(t, nil, "Apple Root CA - G3")
	intermediate := certify(t, &root, "Intermediate", intermediateMark())
	leaf := certify(t, &intermediate, "Leaf", leafMark())
	require.Equal(t, signature.UnknownKey, source.Verify(t.Context(), notice(t, leaf, intermediate, "com.example"), time.Now()).Reason)
}

func TestBrokenAppleTokensAreRefused(t *testing.T) {
	t.Parallel()
	source := setup(t, "apple-appstore", provider.Options{Config: map[string]string{"bundle_ids": "com.example"}})
	for _, payload := range []string{"", "a", "a.b.c", "e30.e30.e30", "eyJ4NWMiOlsiIiwiIl19.e30.e30", "eyJ4NWMiOiIifQ.e30.e30"} {
		require.False(t, source.Verify(t.Context(), post(`{"signedPayload":"`+payload+`"}`), time.Now()).OK, payload)
	}
}
