package deliver_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/worker/internal/deliver"
)

// composed delivers a body to /hooks?key=1 with a request that is made of templates.
func composed(t *testing.T, body string, r config.Request) received {
	t.Helper()
	e := sample()
	e.Body = []byte(body)
	return deliverOne(t, e, func(d *config.Destination) { d.Request = &r })
}

func TestARequestIsMadeOfTheEvent(t *testing.T) {
	t.Parallel()
	for _, method := range config.Methods() {
		r := composed(t, `{"id": "a/ü", "tenant": "x y"}`, config.Request{
			Method: method, Path: "/contacts/{body.id}", Query: map[string]string{"from": "{source}&", "absent": "{body.?none}", "t e": "1"},
			Headers: map[string]string{"X-Tenant": "t-{body.tenant}", "X-Absent": "{body.?none}", "Content-Type": "application/merge-patch+json"},
		})
		require.Equal(t, string(method), r.Method)
		require.Equal(t, "/hooks/contacts/a%2F%C3%BC?key=1&from=shop%26&t+e=1", r.RequestURI)
		require.Equal(t, "t-x y", r.Header.Get("X-Tenant"))
		require.NotContains(t, r.Header, "X-Absent")
		require.Equal(t, "application/merge-patch+json", r.Header.Get("Content-Type"))
		require.JSONEq(t, `{"id": "a/ü", "tenant": "x y"}`, string(r.body))
	}
}

func TestAMethodAloneChangesNothingElse(t *testing.T) {
	t.Parallel()
	r := composed(t, `not JSON`, config.Request{Method: http.MethodPut})
	require.Equal(t, http.MethodPut, r.Method)
	require.Equal(t, "/hooks?key=1", r.RequestURI)
	require.Equal(t, "not JSON", string(r.body))
}

func TestAnEventThatATemplateFailsOnIsNeverSent(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body   string
		r      config.Request
		reason fault.Reason
	}{
		"no value":           {`{}`, config.Request{Path: "/{body.id}"}, fault.ReasonRequest},
		"an empty value":     {`{"id": ""}`, config.Request{Path: "/{body.id}"}, fault.ReasonRequest},
		"out of its place":   {`{"id": "../admin"}`, config.Request{Path: "/{body.id}"}, fault.ReasonRequest},
		"dots of two parts":  {`{"id": "."}`, config.Request{Path: `/.{body.?none.orValue(".")}`}, fault.ReasonRequest},
		"a forged field":     {`{"id": "a\r\nX-Forged: 1"}`, config.Request{Headers: map[string]string{"X-A": "{body.id}"}}, fault.ReasonRequest},
		"an unreadable body": {"\xff\x00", config.Request{Query: map[string]string{"a": "{body.id}"}}, fault.ReasonUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("it was sent") }))
			t.Cleanup(server.Close)
			c := settings(server.URL)
			c.Request = &tc.r
			e := sample()
			e.Body = []byte(tc.body)
			err := handle(t, destination(t, c), e)
			require.True(t, fault.IsPermanent(err))
			require.Equal(t, tc.reason, fault.ReasonOf(err), "%v", err)
			require.NotContains(t, err.Error(), "admin")
		})
	}
}

func TestAnUnusableTemplateIsRefused(t *testing.T) {
	t.Parallel()
	c := settings("http://127.0.0.1/")
	c.Request = &config.Request{Path: "/{"}
	_, err := deliver.New(c, deliver.Options{})
	require.ErrorContains(t, err, "template of the path")
}
