package event_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/event"
)

// sample is an event with every field set.
func sample() *event.Event {
	return &event.Event{
		ID:         "0199d3c4-7a51-7cc1-8f0a-3b1d5a6c7e8f",
		Source:     "github",
		Type:       "pull_request.opened",
		ProviderID: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
		ReceivedAt: time.UnixMilli(1764000000123).UTC(),
		Attempt:    3,
		Request: event.Request{
			Method: "POST", Path: "/in/github", Query: "a=1&a=2", RemoteAddr: "203.0.113.7",
			Header: []event.Field{
				{Name: "Content-Type", Value: "application/json; charset=utf-8"},
				{Name: "X-Multi", Value: "first"},
				{Name: "X-Multi", Value: "second <&> \"quoted\""},
				{Name: "X-Latin-1", Value: "caf\xe9"},
				{Name: "X-Empty", Value: ""},
			},
		},
		Body:   []byte("{\"id\":1}\r\n\x00\xff"),
		Trace:  event.Trace{Parent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", State: "vendor=1"},
		Replay: event.Replay{ID: "0199d3c4-7a51-7cc1-8f0a-000000000001", At: time.UnixMilli(1764000009999).UTC()},
	}
}

func TestTheAgeOfAReplayedEventIsCountedFromTheReplay(t *testing.T) {
	t.Parallel()
	e := sample()
	require.Equal(t, e.Replay.At, e.Began())
	e.Replay = event.Replay{}
	require.Equal(t, e.ReceivedAt, e.Began())
	m, err := event.Encode(e)
	require.NoError(t, err)
	require.NotContains(t, m.Headers, event.HeaderReplay)
	require.NotContains(t, m.Headers, event.HeaderReplayedAt)
}

func TestAnEventSurvivesTheJourney(t *testing.T) {
	t.Parallel()
	want := sample()
	message, err := event.Encode(want)
	require.NoError(t, err)
	got, err := event.Decode(message)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestAnyRequestSurvivesTheJourney(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", `"`, `\`, "<&>", "caf\u00e9", "\u2028", "\x00\x1f\x7f", "\U0001f600"}))
		value := rapid.OneOf(text, rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
		want := sample()
		want.Request = event.Request{
			Method: text.Draw(t, "method"), Path: text.Draw(t, "path"), Query: text.Draw(t, "query"), RemoteAddr: text.Draw(t, "remote"),
			Header: []event.Field{{Name: text.Draw(t, "name"), Value: value.Draw(t, "value")}, {Name: "X", Value: value.Draw(t, "another")}},
		}
		m, err := event.Encode(want)
		require.NoError(t, err)
		require.True(t, json.Valid([]byte(m.Text(event.HeaderRequest))))
		got, err := event.Decode(m)
		require.NoError(t, err)
		require.Equal(t, want.Request, got.Request)
	})
}

func TestAMessageCarriesWhatOtherLanguagesRead(t *testing.T) {
	t.Parallel()
	m, err := event.Encode(sample())
	require.NoError(t, err)
	require.Equal(t, "0199d3c4-7a51-7cc1-8f0a-3b1d5a6c7e8f", m.ID)
	require.Equal(t, "pull_request.opened", m.Type)
	require.Equal(t, "penstock", m.AppID)
	require.Equal(t, "application/json; charset=utf-8", m.ContentType)
	require.Empty(t, m.ContentEncoding)
	require.Equal(t, map[string]any{
		"penstock-format":      int64(1),
		"penstock-source":      "github",
		"penstock-attempt":     int64(3),
		"penstock-received-at": int64(1764000000123),
		"penstock-provider-id": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
		"traceparent":          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"tracestate":           "vendor=1",
		"penstock-replay":      "0199d3c4-7a51-7cc1-8f0a-000000000001",
		"penstock-replayed-at": int64(1764000009999),
		"penstock-request": `{"method":"POST","path":"/in/github","query":"a=1&a=2","remote":"203.0.113.7","headers":[` +
			`["Content-Type","application/json; charset=utf-8"],["X-Multi","first"],["X-Multi","second <&> \"quoted\""],` +
			`["X-Latin-1","Y2Fm6Q==","base64"],["X-Empty",""]]}`,
	}, m.Headers)
}

func TestALargeBodyTravelsCompressedOnlyWhenItShrinks(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 2*event.CompressAbove)
	_, err := rand.Read(noise)
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		body     []byte
		encoding string
	}{
		"small":                {bytes.Repeat([]byte("a"), event.CompressAbove), ""},
		"large and repetitive": {bytes.Repeat([]byte("abc"), event.CompressAbove), event.Zstd},
		"large and random":     {noise, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := sample()
			e.Body = tc.body
			m, err := event.Encode(e)
			require.NoError(t, err)
			require.Equal(t, tc.encoding, m.ContentEncoding)
			require.LessOrEqual(t, len(m.Body), len(tc.body))
			back, err := event.Decode(m)
			require.NoError(t, err)
			require.True(t, bytes.Equal(tc.body, back.Body))
		})
	}
}

func TestARequestThatFitsNoFrameIsRefused(t *testing.T) {
	t.Parallel()
	e := sample()
	e.Request.Header = append(e.Request.Header, event.Field{Name: "X-Big", Value: strings.Repeat("x", event.MaxRequest)})
	_, err := event.Encode(e)
	require.ErrorIs(t, err, event.ErrRequestTooLarge)
}

func TestALongContentTypeStaysInTheRequestOnly(t *testing.T) {
	t.Parallel()
	e := sample()
	e.Request.Header[0].Value = "multipart/form-data; boundary=" + strings.Repeat("b", 300)
	m, err := event.Encode(e)
	require.NoError(t, err)
	require.Empty(t, m.ContentType)
	back, err := event.Decode(m)
	require.NoError(t, err)
	require.Equal(t, e.Request.Header[0].Value, back.Request.ContentType())
}

func TestAMalformedMessageIsRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*event.Message){
		"no format":               func(m *event.Message) { delete(m.Headers, event.HeaderFormat) },
		"a later format":          func(m *event.Message) { m.Headers[event.HeaderFormat] = int64(2) },
		"no request":              func(m *event.Message) { delete(m.Headers, event.HeaderRequest) },
		"a request of two fields": func(m *event.Message) { m.Headers[event.HeaderRequest] = `{"headers":[["a"]]}` },
		"a request in bad base64": func(m *event.Message) { m.Headers[event.HeaderRequest] = `{"headers":[["a","?","base64"]]}` },
		"an unknown encoding":     func(m *event.Message) { m.ContentEncoding = "br" },
		"a body that is not zstd": func(m *event.Message) { m.ContentEncoding = event.Zstd },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := event.Encode(sample())
			require.NoError(t, err)
			spoil(m)
			_, err = event.Decode(m)
			require.ErrorIs(t, err, event.ErrMalformed)
		})
	}
}

func TestIntegersAreReadInEveryWidthThatABrokerGives(t *testing.T) {
	t.Parallel()
	for _, v := range []any{int8(7), int16(7), int32(7), int64(7), 7} {
		m := event.Message{Headers: map[string]any{"n": v}}
		require.Equal(t, int64(7), m.Int("n"), "%T", v)
	}
	require.Zero(t, new(event.Message).Int("n"))
	bytesHeader := event.Message{Headers: map[string]any{"s": []byte("text")}}
	require.Equal(t, "text", bytesHeader.Text("s"))
	require.Empty(t, bytesHeader.Text("n"))
}

func TestIDsAreUUIDv7AndSortByTime(t *testing.T) {
	t.Parallel()
	last := ""
	for range 1000 {
		id := event.NewID()
		require.Greater(t, id, last)
		require.Equal(t, uuid.Version(7), uuid.MustParse(id).Version())
		last = id
	}
}

func TestCleanTypes(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"invoice.paid":         "invoice.paid",
		"":                     "untyped",
		"...":                  "untyped",
		".a..b.":               "a.b",
		"two words\n":          "two_words_",
		"a.*.#":                "a._._",
		"bad\xff":              "bad_",
		"customer.créé":        "customer.créé",
		"a\u009b31m\u0085\x1b": "a_31m__",
		"paid\u202egnp\u2066":  "paid_gnp_",
		"a\u00a0b\u2028":       "a_b_",
		"com/github:repo@v1-x": "com/github:repo@v1-x",
	} {
		require.Equal(t, want, event.CleanType(raw), "%q", raw)
	}
}

func TestACleanTypeIsAlwaysAPartOfARoutingKey(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		got := event.CleanType(rapid.String().Draw(t, "raw"))
		require.NotEmpty(t, got)
		require.LessOrEqual(t, len(got), event.MaxType)
		require.NotContains(t, got, "..")
		require.False(t, strings.HasPrefix(got, ".") || strings.HasSuffix(got, "."))
		require.False(t, strings.ContainsAny(got, "*# \n\t"))
		require.False(t, strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control) }))
		require.Equal(t, got, event.CleanType(got))
	})
}

func FuzzDecode(f *testing.F) {
	m, err := event.Encode(sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(m.Text(event.HeaderRequest), m.Body, "")
	f.Add(`{"headers":[["a","b","base64"]]}`, []byte("x"), event.Zstd)
	f.Fuzz(func(t *testing.T, request string, body []byte, encoding string) {
		e, err := event.Decode(&event.Message{
			ContentEncoding: encoding, Body: body,
			Headers: map[string]any{event.HeaderFormat: int64(1), event.HeaderRequest: request},
		})
		if err != nil {
			require.ErrorIs(t, err, event.ErrMalformed)
			return
		}
		require.LessOrEqual(t, len(e.Body), event.MaxBody+len(body))
	})
}
