package httpapi_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// said is what a request says, other than its address.
type said struct{ method, query, field, body string }

// Plivo and Hygraph are verified by code, which a test over the schemes does not see.
func TestHostileCutsOfWhatCodeReadsAreRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		preset, text, field string // the field is that of the signature, or of what else is signed
		captured            said
		cuts                []said
	}{
		"a form of Plivo": {
			"plivo", formAddress + "plivo?a=1.Note1.evil.n", "X-Plivo-Signature-V3-Nonce",
			said{"POST", "a=1", "n", "Note=1.evil"},
			[]said{{"POST", "a=1", "evil.n", "Note=1"}, {"POST", "", "n", "a=1&Note=1.evil"}, {"POST", "a=1", "n", "Note=1.evil&b=2"}, {"GET", "a=1", "n", "Note=1.evil"}},
		},
		"a GET of Plivo": {
			"plivo", formAddress + "plivo?From=1&To=2.n", "X-Plivo-Signature-V3-Nonce",
			said{"GET", "From=1&To=2", "n", ""},
			[]said{{"GET", "From=1&To=2", "n", "{}"}, {"GET", "From=1&To=2", "n", "From=1"}, {"GET", "From=1", "n", "To=2&Evil=1"}, {"POST", "", "n", "From=1&To=2"}, {"POST", "From=1", "n", "To=2"}},
		},
		"Hygraph": {
			"hygraph", `{"Body":"{\"n\":1}","EnvironmentName":"master","TimeStamp":17}`, "Gcms-Signature",
			said{"POST", "", ", env=master, t=17", `{"n":1}`},
			[]said{
				{"POST", "", ", env=master, t=18", `{"n":1}`}, {"POST", "", ", env=other, t=17", `{"n":1}`}, {"POST", "", ", env=other, env=master, t=17", `{"n":1}`},
				{"POST", "", ", env=master, t=17", `{\"n\":1}`}, {"POST", "", `, t=17}`, `{"n":1}","EnvironmentName":"master`}, {"POST", "", ", env=master, t=17", "{\"n\":1}\xff"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pipeline, published := sources(t, tc.preset+": {provider: "+tc.preset+", secrets: ['${S}'], publicURL: '"+formAddress+tc.preset+"'}")
			b := setup(t, pipeline, quietLog)
			mac := hmac.New(sha256.New, []byte("secret"))
			_, _ = mac.Write([]byte(tc.text))
			sig := base64.StdEncoding.EncodeToString(mac.Sum(nil))
			send := func(s said) int {
				header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Plivo-Signature-V3": {sig}, tc.field: {s.field}}
				if tc.preset == "hygraph" {
					header.Set(tc.field, "sign="+sig+s.field)
				}
				return b.send(t, s.method, "/in/"+tc.preset+"?"+s.query, s.body, header).status
			}
			require.Equal(t, http.StatusOK, send(tc.captured))
			for _, cut := range tc.cuts {
				require.Equal(t, http.StatusUnauthorized, send(cut), "%+v", cut)
			}
			require.EqualValues(t, 1, published.confirmed.Load())
		})
	}
}
