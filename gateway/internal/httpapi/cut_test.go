package httpapi_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// recut is a captured request, and what a stranger makes of it: the same text is signed, with other ends of its values.
type recut struct {
	body   string
	header http.Header
	cut    func(r *signature.Request)
}

// recuts are requests of each kind of separator, by preset. The time of the signature is at.
func recuts(at time.Time) map[string]recut {
	seconds := strconv.FormatInt(at.Unix(), 10)
	split := func(r *signature.Request, between, name string, join func(old, head string) string) {
		head, tail, _ := strings.Cut(string(r.Body), between)
		r.Header.Set(name, join(r.Header.Get(name), head))
		r.Body = []byte(tail)
	}
	return map[string]recut{
		"polar": { // id.time.body
			body: `{"note":"x.` + seconds + `.y"}`, header: http.Header{"Webhook-Id": {"e1"}},
			cut: func(r *signature.Request) {
				split(r, "."+seconds+".", "Webhook-Id", func(old, head string) string { return old + "." + seconds + "." + head })
			},
		},
		"lob": { // time.body, of a time that may be any
			body: `{"note":"x.y"}`,
			cut: func(r *signature.Request) {
				split(r, ".", "Lob-Signature-Timestamp", func(old, head string) string { return old + "." + head })
			},
		},
		"sinch-conversation": { // body.nonce.time
			body: `{"note":"x.y"}`, header: http.Header{"X-Sinch-Webhook-Signature-Nonce": {"n1"}},
			cut: func(r *signature.Request) {
				head, tail, _ := strings.Cut(string(r.Body), ".")
				r.Header.Set("X-Sinch-Webhook-Signature-Nonce", tail+"."+r.Header.Get("X-Sinch-Webhook-Signature-Nonce"))
				r.Body = []byte(head)
			},
		},
		"nmi": { // nonce.body
			body: `{"note":"x.y"}`,
			cut: func(r *signature.Request) {
				split(r, ".", "Webhook-Signature", func(old, head string) string {
					return strings.Replace(old, ",s=", "."+head+",s=", 1)
				})
			},
		},
		"zendesk": { // a time, whose zone goes to the body
			body: `{"note":"x"}`,
			cut: func(r *signature.Request) {
				const name = "X-Zendesk-Webhook-Signature-Timestamp"
				r.Header.Set(name, strings.TrimSuffix(r.Header.Get(name), "Z"))
				r.Body = append([]byte("Z"), r.Body...)
			},
		},
		"mailgun-form": { // a token, whose first digit goes to the time
			body:   "timestamp=" + seconds + "&token=" + strings.Repeat("7", 50),
			header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
			cut: func(r *signature.Request) {
				r.Body = []byte(strings.NewReplacer("timestamp="+seconds, "timestamp="+seconds+"7", strings.Repeat("7", 50), strings.Repeat("7", 49)).Replace(string(r.Body)))
			},
		},
	}
}

// Who has captured a request cannot move the ends of what is signed: id, time and body stay those that the provider meant.
func TestHostileCutsOfACapturedRequestAreRefused(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for id, c := range recuts(now) {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			p, _ := provider.Lookup(id)
			source, err := provider.New(p, provider.Options{Secrets: []string{"secret"}})
			require.NoError(t, err)
			r := &signature.Request{Method: http.MethodPost, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(c.body)}
			maps.Copy(r.Header, c.header)
			require.NoError(t, source.Sign(r, now))
			pipeline, published := sources(t, id+": {provider: "+id+", secrets: ['${S}']}")
			b := setup(t, pipeline, quietLog)
			require.Equal(t, http.StatusOK, b.send(t, http.MethodPost, "/in/"+id, string(r.Body), r.Header).status)
			c.cut(r)
			require.Equal(t, http.StatusUnauthorized, b.send(t, http.MethodPost, "/in/"+id, string(r.Body), r.Header).status)
			require.EqualValues(t, 1, published.confirmed.Load())
		})
	}
}

// A stranger lists another field as the only one that is signed, whose value is the whole captured line. The time would be free.
func TestHostileListsOfSignedFieldsWithoutTheTimeAreRefused(t *testing.T) {
	t.Parallel()
	pipeline, published := sources(t, "contentful: {provider: contentful, secrets: ['${S}'], publicURL: '"+formAddress+"contentful'}")
	b := setup(t, pipeline, quietLog)
	at := strconv.FormatInt(time.Now().UnixMilli(), 10)
	const list = "x-contentful-crn,x-contentful-signed-headers,x-contentful-timestamp"
	line := "x-contentful-crn:crn;x-contentful-signed-headers:" + list + ";x-contentful-timestamp:" + at
	mac := hmac.New(sha256.New, []byte("secret"))
	_, _ = mac.Write([]byte("POST\n/in/contentful\n" + line + "\n{}"))
	captured := http.Header{
		"X-Contentful-Signature": {hex.EncodeToString(mac.Sum(nil))}, "X-Contentful-Signed-Headers": {list},
		"X-Contentful-Timestamp": {at}, "X-Contentful-Crn": {"crn"},
	}
	require.Equal(t, http.StatusOK, b.send(t, http.MethodPost, "/in/contentful", "{}", captured).status)
	fresh := captured.Clone()
	fresh.Set("X-Contentful-Signed-Headers", "x-contentful-crn")
	fresh.Set("X-Contentful-Crn", strings.TrimPrefix(line, "x-contentful-crn:"))
	fresh.Set("X-Contentful-Timestamp", strconv.FormatInt(time.Now().Add(time.Second).UnixMilli(), 10))
	require.Equal(t, http.StatusUnauthorized, b.send(t, http.MethodPost, "/in/contentful", "{}", fresh).status)
	require.EqualValues(t, 1, published.confirmed.Load())
}
