package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// What the sender lists as signed is written once for each name: a list without
// bounds, or of one name again and again, makes a message of any size.
func TestListsOfSignedHeaderFieldsAreBounded(t *testing.T) {
	t.Parallel()
	source := setup(t, "truelayer", provider.Options{
		Secrets: []string{keySet(t, "k1", &testPairs().p521.PublicKey)}, PublicURL: "https://hooks.example.com/in/source",
	})
	listed := func(names string) *signature.Request {
		r := truelayerRequest(t)
		_, sig, _ := strings.Cut(r.Header.Get("Tl-Signature"), "..")
		head := b64url([]byte(`{"alg":"ES512","kid":"k1","tl_version":"2","tl_headers":"` + names + `"}`))
		r.Header.Set("Tl-Signature", head+".."+sig)
		return r
	}
	numbered := func(n int) string {
		names := make([]string, n)
		for i := range names {
			names[i] = "X-" + strings.Repeat("a", i+1)
		}
		return strings.Join(names, ",")
	}
	for names, why := range map[string]signature.Reason{
		"X-A,X-B":    signature.Mismatch, // looked at, but not what was signed
		numbered(64): signature.Mismatch,
		numbered(65): signature.MissingValue,
		"X-A,x-a":    signature.MissingValue,
		"X-A, X-A":   signature.MissingValue,
	} {
		require.Equal(t, why, source.Verify(t.Context(), listed(names), time.Unix(now, 0)).Reason, names)
	}
}

func TestOnlyTheHeadOfAnEnvelopeIsRead(t *testing.T) {
	t.Parallel()
	source := setup(t, "salesforce", provider.Options{Secrets: []string{"00D000000000001EAA"}})
	verify := func(change func(string) string) signature.Reason {
		r := salesforceRequest()
		r.Body = []byte(change(string(r.Body)))
		return source.Verify(t.Context(), r, time.Unix(now, 0)).Reason
	}
	before := func(what string) func(string) string {
		return func(body string) string { return strings.Replace(body, "<OrganizationId>", what+"<OrganizationId>", 1) }
	}
	after := func(what string) func(string) string {
		return func(body string) string { return strings.Replace(body, "</notifications>", what+"</notifications>", 1) }
	}
	require.Equal(t, signature.None, verify(before("<ActionId>1</ActionId>")))
	require.Equal(t, signature.None, verify(after(strings.Repeat("<Notification/>", 100_000))))
	require.Equal(t, signature.MissingSignature, verify(before(strings.Repeat("<a/>", 1_000))))
	require.Equal(t, signature.MissingSignature, verify(before("<!--"+strings.Repeat("x", 20_000)+"-->")))
	require.NotEqual(t, signature.None, verify(before("<OrganizationId>00D000000000001EAA</OrganizationId>")), "two organizations")
	require.Equal(t, signature.MissingSignature, verify(func(string) string { return "</a>" }))
	require.Equal(t, signature.MissingSignature, verify(func(string) string { return "" }))
}

func TestAQuestionBeforeVerificationIsSmall(t *testing.T) {
	t.Parallel()
	source := setup(t, "lark", provider.Options{Secrets: []string{textSecret}, Config: map[string]string{"verify_token": "t"}})
	question := `{"type":"url_verification","token":"t","challenge":"c1"`
	_, asked := source.Handshake(t.Context(), post(question+`}`), false)
	require.True(t, asked)
	_, asked = source.Handshake(t.Context(), post(question+strings.Repeat(" ", 64<<10)+`}`), false)
	require.False(t, asked)
}
