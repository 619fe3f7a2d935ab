package capture_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/cli/internal/capture"
)

func parse(t *testing.T, text string) *capture.Captured {
	t.Helper()
	c, err := capture.Parse([]byte(text), func(name string) ([]byte, error) {
		if name == "body.json" {
			return []byte("{\n}\r\n"), nil
		}
		return nil, errors.New("no such file")
	})
	require.NoError(t, err)
	return c
}

func TestCapturesAreReadByteForByte(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text, method, url, header, body string
		trailing                        bool
	}{
		"raw HTTP": {
			text:   "POST /in/x?a=b HTTP/1.1\nHost: h.example\nX-A: 1\nContent-Length: 3\n\n{ }\n",
			method: "POST", url: "//h.example/in/x?a=b", header: "1", body: "{ }",
		},
		"raw HTTP with CR LF": {
			text:   "PUT /x HTTP/2\r\nx-a:  1 \r\n\r\nline\r\n",
			method: "PUT", url: "/x", header: "1", body: "line\r\n", trailing: true,
		},
		"raw HTTP without a request line": {
			text: "X-A: 1\n\nbody", method: "POST", header: "1", body: "body", trailing: true,
		},
		"an absolute target": {
			text: "POST https://h.example/x\nX-A: 1\n\n", method: "POST", url: "https://h.example/x", header: "1", trailing: true,
		},
		"chunks": {
			text:   "POST /x HTTP/1.1\nX-A: 1\nTransfer-Encoding: chunked\n\n3\r\n{\n}\r\n0\r\n\r\n",
			method: "POST", url: "/x", header: "1", body: "{\n}",
		},
		"chunks that were put together": {
			text:   "POST /x HTTP/1.1\nX-A: 1\nTransfer-Encoding: chunked\n\n{}",
			method: "POST", url: "/x", header: "1", body: "{}", trailing: true,
		},
		"a body that was changed": {
			text:   "POST /x HTTP/1.1\nX-A: 1\nContent-Length: 2\n\n{ }",
			method: "POST", url: "/x", header: "1", body: "{ }", trailing: true,
		},
		"curl": {
			text:   `curl -k 'https://h.example/x?a=b' -H 'X-A: 1' --data-raw '{"it'\''s": "\n"}'`,
			method: "POST", url: "https://h.example/x?a=b", header: "1", body: `{"it's": "\n"}`,
		},
		"curl of a browser": {
			text:   "$ curl 'https://h.example/' \\\n  -X 'PATCH' \\\n  -H \"X-A: 1\" \\\n  --data-raw $'{\"a\":\"\\u00e9\\'\\n\\x41\"}' \\\n  --compressed",
			method: "PATCH", url: "https://h.example/", header: "1", body: "{\"a\":\"é'\nA\"}",
		},
		"curl with several pieces of data": {
			text: `curl h.example -HX-A:1 -da=b --data=c=d -o out`, method: "POST", url: "http://h.example", header: "1", body: "a=b&c=d",
		},
		"curl with a file": {
			text: `curl --url=http://h.example/ -H 'X-A: 1' --data-binary @body.json`, method: "POST", url: "http://h.example/", header: "1", body: "{\n}\r\n",
		},
		"curl with a file as text": {
			text: `curl http://h.example/ -H 'X-A: 1' -d @body.json`, method: "POST", url: "http://h.example/", header: "1", body: "{}",
		},
		"curl with escapes in double quotes": {
			text: `curl "http://h.example/" -H "X-A: 1" -d "{\"a\":\"\$x\q\"}"`, method: "POST", url: "http://h.example/", header: "1", body: `{"a":"$x\q"}`,
		},
		"curl without data": {
			text: `curl http://h.example/ -H 'X-A: 1' -u a:b`, method: "GET", url: "http://h.example/", header: "1",
		},
		"our own curl of bytes": {
			text:   "base64 -d <<'BODY' | curl 'http://h.example/' --header 'X-A: 1' --data-binary @-\n//4=\nBODY",
			method: "POST", url: "http://h.example/", header: "1", body: "\xff\xfe",
		},
		"JSON of the receiver": {
			text:   `{"method":"POST","path":"/x?a=b","header":{"X-A":["1"],"Host":["h.example"]},"body":"{ }\n"}`,
			method: "POST", url: "//h.example/x?a=b", header: "1", body: "{ }\n",
		},
		"JSON of bytes": {
			text: `{"path":"/x","headers":{"x-a":"1"},"bodyBase64":"//4="}`, method: "POST", url: "/x", header: "1", body: "\xff\xfe",
		},
		"a HAR entry": {
			text:   `{"request":{"method":"POST","url":"https://h.example/x","headers":[{"name":"x-a","value":"1"}],"postData":{"text":"{ }"}}}`,
			method: "POST", url: "https://h.example/x", header: "1", body: "{ }",
		},
		"an event of AWS Lambda": {
			text:   `{"httpMethod":"POST","path":"/x","headers":{"x-a":"1"},"body":"e30=","isBase64Encoded":true}`,
			method: "POST", url: "/x", header: "1", body: "{}",
		},
		"JSON with the body as JSON": {
			text: `{"path":"/x","headers":{"x-a":"1"},"body":{ "a": 1}}`, method: "POST", url: "/x", header: "1", body: `{ "a": 1}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := parse(t, tc.text)
			require.Equal(t, tc.method, c.Method)
			require.Equal(t, tc.url, c.URL.String())
			require.Equal(t, tc.header, c.Header.Get("X-A"))
			require.Equal(t, tc.body, string(c.Body))
			require.Equal(t, tc.trailing, c.Trailing)
		})
	}
}

func TestCurlAddsWhatCurlAdds(t *testing.T) {
	t.Parallel()
	require.Equal(t, "application/x-www-form-urlencoded", parse(t, `curl h.example -d a`).Header.Get("Content-Type"))
	require.Equal(t, "application/json", parse(t, `curl h.example --json {}`).Header.Get("Content-Type"))
	require.Equal(t, "Basic YTpi", parse(t, `curl h.example -ua:b -b c=d -A me`).Header.Get("Authorization"))
}

func TestWhatIsAssumedIsNoted(t *testing.T) {
	t.Parallel()
	for text, note := range map[string]string{
		"X-A: 1\n\nbody": "no request line",
		"POST /x HTTP/1.1\nContent-Length: 9\n\nbody": "has 4 bytes, but Content-Length says 9",
		"POST /x HTTP/1.1\nContent-Length: 3\n\nbody": "has 4 bytes, but Content-Length says 3",
		`{"path":"/x","headers":{},"body":{}}`:        "JSON inside of JSON",
	} {
		require.Contains(t, strings.Join(parse(t, text).Notes, "\n"), note, text)
	}
}

func TestWhatIsNoCaptureIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                     "empty",
		" \n":                                  "empty",
		"just text":                            "neither raw HTTP",
		`{"a":1}`:                              "has no headers",
		`{`:                                    "neither raw HTTP",
		`{"headers":7}`:                        "neither an object nor a list",
		`{"headers":{"a":1}}`:                  "is no text",
		`curl -H 'X-A: 1`:                      "never closed",
		`curl -X`:                              "ends after -X",
		`curl -H 'X-A: 1'`:                     "has no URL",
		`curl http://h/ -d @missing`:           "no such file",
		`curl http://h/ -d @-`:                 "from somewhere else",
		`curl http://h/ --data-urlencode a`:    "is not understood",
		`curl http://h/%zz`:                    "URL cannot be read",
		"base64 -d <<'BODY' | curl h\n%\nBODY": "not base64",
		"POST /x HTTP/1.1\nTransfer-Encoding: chunked\n\n3\r\nab": "breaks off",
	} {
		_, err := capture.Parse([]byte(text), func(string) ([]byte, error) { return nil, errors.New("no such file") })
		require.ErrorContains(t, err, want, text)
	}
}

func TestATrailingLineFeedCanBeTakenOff(t *testing.T) {
	t.Parallel()
	c, changed := parse(t, "X-A: 1\n\nbody\r\n").WithoutTrailing()
	require.True(t, changed)
	require.Equal(t, "body", string(c.Body))
	_, changed = capture.Of(http.MethodPost, []byte("body\n")).WithoutTrailing()
	require.False(t, changed)
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"POST /x HTTP/1.1\nA: b\n\nbody", `curl -X POST 'http://h/' -H "a: b" -d $'\u00e9\x4'`, `{"headers":{"a":["b"]},"body":"c"}`,
		"base64 -d <<'BODY' | curl h --data-binary @-\n//4=\nBODY", "A: b\nTransfer-Encoding: chunked\n\n3\r\n", `curl \`, "base64 -d <<'BODY' | ",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := capture.Parse([]byte(text), nil)
		if err != nil {
			return
		}
		require.NotNil(t, c.Request().Header)
		require.NotEmpty(t, c.Method)
	})
}
