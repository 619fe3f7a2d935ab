package provider_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
)

type exchange struct {
	Provider string `json:"provider"`
	Kind     string `json:"kind"`
	Request  struct {
		Method string            `json:"method"`
		URL    string            `json:"url"`
		Header map[string]string `json:"headers"`
		Body   string            `json:"body"`
	} `json:"request"`
	Config   map[string]any `json:"config"`
	Response struct {
		Status int               `json:"status"`
		Header map[string]string `json:"headers"`
		Body   string            `json:"body"`
	} `json:"response"`
	VerifyFirst bool `json:"verify_signature_first"`
}

func TestCollectedHandshakesGetTheirAnswer(t *testing.T) {
	t.Parallel()
	var exchanges []exchange
	shared(t, "handshakes.json", &exchanges)
	for i, e := range exchanges {
		t.Run(fmt.Sprintf("%d/%s/%s", i, e.Provider, e.Kind), func(t *testing.T) {
			t.Parallel()
			answer := e.play(t)
			require.Equal(t, e.Response.Status, answer.Status)
			require.Equal(t, e.Response.Body, string(answer.Body))
			header := http.Header{}
			for name, value := range answer.Header {
				header.Set(name, value)
			}
			header.Set("Content-Type", answer.ContentType)
			for name, value := range e.Response.Header {
				require.Equal(t, value, header.Get(name), name)
			}
		})
	}
}

// play hands the request to the source, in the order of the gateway.
func (e exchange) play(t testing.TB) provider.Answer {
	t.Helper()
	preset, ok := provider.Lookup(e.Provider)
	require.True(t, ok)
	r, publicURL := requestOf(t, e.Request.Method, e.Request.URL, e.Request.Header, []byte(e.Request.Body))
	o := e.options(t, preset, publicURL)
	source, err := provider.New(preset, o)
	require.NoError(t, err)
	require.Contains(t, source.Methods(), r.Method)

	early, asked := source.Handshake(t.Context(), r, false)
	if asked {
		require.False(t, e.VerifyFirst, "answered before verification")
		return early
	}
	if e.Kind == "itr" {
		require.False(t, source.Verify(t.Context(), r, time.Unix(now, 0)).OK)
		return provider.Answer{Status: http.StatusUnauthorized} // the gateway's one answer
	}
	if late, asked := source.Handshake(t.Context(), r, true); asked {
		require.True(t, e.VerifyFirst, "answered only after verification")
		return late
	}
	reply, ok := source.Reply(r)
	require.True(t, ok)
	return reply
}

// options turns the case's settings into those of a source.
func (e exchange) options(t testing.TB, p *provider.Preset, publicURL string) provider.Options {
	t.Helper()
	o := optionsFor(t, p)
	o.PublicURL = publicURL
	o.HTTP = &http.Client{Transport: confirming{}}
	for name, value := range e.Config {
		switch name {
		case "secret", "client_id":
			o.Secrets = []string{fmt.Sprint(value)}
		case "pending":
			o.Pending = true
		case "topics", "topic_arns":
			o.Config["topics"] = fmt.Sprint(value.([]any)[0])
		case "endpoint", "mode": // the public URL; told from the body
		default:
			o.Config[name] = fmt.Sprint(value)
		}
	}
	return o
}

// confirming is a network that says yes.
type confirming struct{}

func (confirming) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
}
