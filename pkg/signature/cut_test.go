package signature_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

// A value ends where the text around it begins, whatever it is signed with.
func TestAValueThatHoldsItsSeparatorIsRefused(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_700_000_000, 0)
	for name, tc := range map[string]struct {
		msg, rest string
		unit      string
		id, body  string
		ts        string
		want      signature.Reason
	}{
		"plain":                    {msg: "{header:x-id}.{ts}.{body}", id: "a", body: "b.c", want: signature.None},
		"the text behind it":       {msg: "{header:x-id}.{ts}.{body}", id: "a.b", body: "c", want: signature.AmbiguousValue},
		"the text before it":       {msg: "{body}|{header:x-id}", id: "a|b", body: "c|d", want: signature.AmbiguousValue},
		"the body may":             {msg: "{body}|{header:x-id}", id: "a", body: "c|d", want: signature.None},
		"the rest may":             {msg: "{header:x-id}:{method}", rest: "header:x-id", id: "a:b", want: signature.None},
		"inside of a segment":      {msg: "{?id:{header:x-id};?}{body}", id: "a;id:b", body: "c", want: signature.AmbiguousValue},
		"longer than one byte":     {msg: "{header:x-id}--{body}", id: "a-b", body: "c", want: signature.None},
		"no text, no separator":    {msg: "{header:x-id}{body}", id: "a.b", body: "c", want: signature.None},
		"before a setting":         {msg: "{header:x-id}{url}", id: "https://h.example/in", body: "c", want: signature.AmbiguousValue},
		"a zone could follow":      {msg: "{ts}{body}", unit: "iso", ts: "2023-11-14T22:13:20", body: "Z", want: signature.MalformedTimestamp},
		"a fraction could follow":  {msg: "{ts}.{body}", unit: "iso", ts: "2023-11-14T22:13:20", body: "5Z", want: signature.MalformedTimestamp},
		"neither can follow":       {msg: "{ts}:{body}", unit: "iso", ts: "2023-11-14T22:13:20", body: "Z", want: signature.None},
		"it has a zone":            {msg: "{ts}{body}", unit: "iso", ts: "2023-11-14T22:13:20.5Z", body: "Z", want: signature.None},
		"nothing follows":          {msg: "{body}{ts}", unit: "iso", ts: "2023-11-14T22:13:20", body: "Z", want: signature.None},
		"any time must be a time":  {msg: "{ts}.{body}", unit: "any", ts: "1.2", body: "c", want: signature.MalformedTimestamp},
		"any time is fine, though": {msg: "{ts}.{body}", unit: "any", ts: "1", body: "c", want: signature.None},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scheme := signature.Scheme{Alg: "hmac-sha256", Sig: signature.Strings{"header:x-sig"}, Msg: tc.msg, Rest: tc.rest}
			if tc.unit != "" || tc.msg == "{header:x-id}.{ts}.{body}" {
				scheme.TS = &signature.Timestamp{From: "header:x-at", Unit: tc.unit}
			}
			if tc.unit == "any" {
				scheme.TS.Unit, scheme.TS.Tol = "s", new(int)
			}
			v, err := signature.Compile(scheme)
			require.NoError(t, err)
			keys, err := v.Keys("secret")
			require.NoError(t, err)
			r := &signature.Request{Method: http.MethodPost, PublicURL: "https://h.example/in", Header: http.Header{}, Body: []byte(tc.body)}
			if tc.id != "" {
				r.Header.Set("X-Id", tc.id)
			}
			require.NoError(t, v.Sign(r, keys, at))
			if tc.ts != "" {
				r.Header.Set("X-At", tc.ts)
				text := strings.NewReplacer("{ts}", tc.ts, "{body}", tc.body).Replace(tc.msg)
				r.Header.Set("X-Sig", hex.EncodeToString(sum(text)))
			}
			require.Equal(t, tc.want, v.Verify(r, keys, at).Reason)
		})
	}
}

func sum(text string) []byte {
	mac := hmac.New(sha256.New, []byte("secret"))
	_, _ = mac.Write([]byte(text))
	return mac.Sum(nil)
}

func TestTheRestIsAPartOfTheMessage(t *testing.T) {
	t.Parallel()
	err := signature.Scheme{Alg: "hmac-sha256", Sig: signature.Strings{"header:x-sig"}, Msg: "{body}", Rest: "header:x-id"}.Validate()
	require.ErrorContains(t, err, "rest")
}
