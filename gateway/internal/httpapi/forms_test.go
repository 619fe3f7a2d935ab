package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// formAddress is what the senders of forms were told.
const formAddress = "https://hooks.example.com/in/"

// captured signs a form as its provider does, at the address of its source.
func captured(t *testing.T, id, body, query string) *signature.Request {
	t.Helper()
	p, _ := provider.Lookup(id)
	o := provider.Options{Secrets: []string{"secret"}, PublicURL: formAddress + id}
	source, err := provider.New(p, o)
	require.NoError(t, err)
	r := &signature.Request{
		Method: http.MethodPost, RawQuery: query, Body: []byte(body),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
	}
	require.NoError(t, source.Sign(r, time.Now()))
	return r
}

// replayed sends a captured request with another body.
func (b *bundle) replayed(t *testing.T, id, method string, r *signature.Request, body, content string) int {
	t.Helper()
	header := r.Header.Clone()
	header.Set("Content-Type", content)
	return b.send(t, method, "/in/"+id+"?"+r.RawQuery, body, header).status
}

// Whoever has an authentic form must not get anything else accepted with its signature.
func TestHostileFormsWithACapturedSignatureAreRefused(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	for id, body := range map[string]string{
		"twilio":    "From=%2B15550001&Body=hello&MessageSid=SM0",
		"mandrill":  "mandrill_events=%5B%7B%22event%22%3A%22send%22%7D%5D",
		"braintree": "bt_payload=PG5vdGlmaWNhdGlvbj48a2luZD5jaGVjazwva2luZD48L25vdGlmaWNhdGlvbj4%3D",
		"quoter":    "data=%7B%7D",
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			pipeline, published := sources(t, id+": {provider: "+id+", secrets: ['${S}'], publicURL: '"+formAddress+id+"'}")
			b := setup(t, pipeline, quietLog)
			r := captured(t, id, body, "")
			whole := string(r.Body)
			require.Equal(t, http.StatusOK, b.replayed(t, id, http.MethodPost, r, whole, form))
			for _, more := range []string{"&From=%2B1999evil%&Amount=1000000%zz", "&%=x&Admin%zz=1", "&", "&=", ";a=1", "&Amount=1"} {
				require.Equal(t, http.StatusUnauthorized, b.replayed(t, id, http.MethodPost, r, whole+more, form), more)
			}
			for _, other := range []string{`{"evil":1}`, "", "&", "="} {
				require.Equal(t, http.StatusUnauthorized, b.replayed(t, id, http.MethodPost, r, other, "application/json"), other)
			}
			require.Equal(t, http.StatusUnauthorized, b.replayed(t, id, http.MethodPost, r, whole, "application/json"))
			for _, wrapped := range wrapped(whole) {
				require.Equal(t, http.StatusUnauthorized, b.replayed(t, id, http.MethodPost, r, wrapped, "multipart/form-data; boundary=B"), wrapped)
			}
			require.EqualValues(t, 1, published.confirmed.Load())
		})
	}
}

// wrapped writes a form as multipart, with a preamble, an epilogue and a file.
func wrapped(body string) []string {
	var parts strings.Builder
	for pair := range strings.SplitSeq(body, "&") {
		name, value, _ := strings.Cut(pair, "=")
		value = strings.NewReplacer("%2B", "+", "%3D", "=", "%7B", "{", "%7D", "}", "%22", `"`, "%5B", "[", "%5D", "]", "%3A", ":", "%7C", "|").Replace(value)
		parts.WriteString("--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n")
	}
	fields := parts.String()
	return []string{
		"evil\r\n" + fields + "--B--\r\n", fields + "--B--\r\nevil",
		fields + "--B\r\nContent-Disposition: form-data; name=\"Body\"; filename=\"x\"\r\n\r\nevil\r\n--B--\r\n",
	}
}

func TestHostileTwilioRequestsSayNoMoreThanTheAddressSigns(t *testing.T) {
	t.Parallel()
	pipeline, published := sources(t, "twilio: {provider: twilio, secrets: ['${S}'], publicURL: '"+formAddress+"twilio'}")
	b := setup(t, pipeline, quietLog)
	r := captured(t, "twilio", "", "a=1")
	require.Equal(t, http.StatusOK, b.replayed(t, "twilio", http.MethodGet, r, "", ""))
	for _, body := range []string{`{"evil":1}`, "evil=1", "&", "=", "%zz", "--zzz--"} {
		for _, content := range []string{"", "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=zzz"} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				require.Equal(t, http.StatusUnauthorized, b.replayed(t, "twilio", method, r, body, content), "%s %s %q", method, content, body)
			}
		}
	}
	full := captured(t, "twilio", "Body=hello", "")
	require.Equal(t, http.StatusUnauthorized, b.replayed(t, "twilio", http.MethodGet, full, "Body=hello", "application/x-www-form-urlencoded"))
	digest := captured(t, "twilio", "{}", "bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
	require.Equal(t, http.StatusUnauthorized, b.replayed(t, "twilio", http.MethodPost, digest, "[]", "application/json"))
	require.Equal(t, http.StatusOK, b.replayed(t, "twilio", http.MethodPost, digest, "{}", "application/json"))
	require.EqualValues(t, 2, published.confirmed.Load())
}

// Who captured a form cannot have it delivered once more by writing it in another way.
func TestHostileSpellingsOfACapturedFormAreNoNewEvents(t *testing.T) {
	t.Parallel()
	pipeline, published := sources(t, "twilio: {provider: twilio, secrets: ['${S}'], publicURL: '"+formAddress+"twilio'}")
	b := setup(t, pipeline, quietLog)
	r := captured(t, "twilio", "From=%2B15550001&Body=hello&MessageSid=SM0", "")
	send := func(body string) reply {
		return b.send(t, http.MethodPost, "/in/twilio", body, r.Header)
	}
	first := send(string(r.Body))
	require.Equal(t, http.StatusOK, first.status)
	for _, spelling := range []string{
		"Body=hello&From=%2B15550001&MessageSid=SM0", "From=%2b15550001&Body=hello&MessageSid=SM0", "%46rom=%2B15550001&Body=hell%6F&MessageSid=SM0",
		"From=%2B15550001&Body=hello&MessageSid=SM0&Body=hello",
	} {
		again := send(spelling)
		require.Equal(t, http.StatusOK, again.status, spelling)
		require.Equal(t, first.header.Get("Penstock-Event-Id"), again.header.Get("Penstock-Event-Id"), spelling)
	}
	require.EqualValues(t, 1, published.confirmed.Load())
	other := captured(t, "twilio", "From=%2B15550001&Body=hello&MessageSid=SM1", "")
	require.NotEqual(t, first.header.Get("Penstock-Event-Id"), b.send(t, http.MethodPost, "/in/twilio", string(other.Body), other.Header).header.Get("Penstock-Event-Id"))
	require.EqualValues(t, 2, published.confirmed.Load())
}
