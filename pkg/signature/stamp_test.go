package signature_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

func TestATimeInTheBodyHasTheKindThatItsSenderGivesIt(t *testing.T) {
	t.Parallel()
	covered := "{body}"
	for name, c := range map[string]struct{ msg, unit, body, want string }{
		"a number where the body is signed":      {covered, "ms", `{"a":1}`, `{"a":1,"t":1700000000000}`},
		"a text where the time is joined":        {"{json:t}{json:a}", "s", `{"a":"b"}`, `{"a":"b","t":"1700000000"}`},
		"a text that is there stays one":         {covered, "s", `{"t":"1"}`, `{"t":"1700000000"}`},
		"a number that is there stays one":       {"{json:t}", "s", `{"t":1}`, `{"t":1700000000}`},
		"an ISO time is a text":                  {covered, "iso", `{}`, `{"t":"2023-11-14T22:13:20.000Z"}`},
		"a body that is not there is made of it": {covered, "s", ``, `{"t":1700000000}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := signature.Compile(signature.Scheme{
				Alg: "hmac-sha256", Sig: signature.Strings{"header:s"}, Msg: c.msg, TS: &signature.Timestamp{From: "json:t", Unit: c.unit},
			})
			require.NoError(t, err)
			keys, err := v.Keys("s3cr3t")
			require.NoError(t, err)
			now := time.Unix(1_700_000_000, 0)
			r := &signature.Request{Method: http.MethodPost, Header: http.Header{}, Body: []byte(c.body)}
			require.NoError(t, v.Sign(r, keys, now))
			require.Equal(t, c.want, string(r.Body))
			require.True(t, v.Verify(r, keys, now).OK)
		})
	}
}
