package rabbit_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/cli/internal/rabbit"
	"github.com/penstock/penstock/pkg/amqpx"
)

// fake answers every path with one text, and requires the credentials, which the URL names
// or the broker.
func fake(t *testing.T, named bool, paths map[string]string) *rabbit.Management {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		text, found := paths[r.URL.EscapedPath()]
		if user != "me" || password != "pass word" || !found {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	broker := amqpx.Config{URLs: []string{"amqp://user:password@localhost/"}}
	if named {
		u.User = url.UserPassword("me", "pass word")
	} else {
		broker.Username, broker.Password = "me", "pass word"
	}
	m, err := rabbit.New(t.Context(), u.String()+"/", broker)
	require.NoError(t, err)
	return m
}

func TestItListsTheQueuesOfAPrefixByName(t *testing.T) {
	t.Parallel()
	for _, named := range []bool{true, false} {
		m := fake(t, named, map[string]string{"/api/queues/%2F": `[{"name":"p.b","messages":2},{"name":"other"},{"name":"p.a","consumers":1}]`})
		queues, err := m.Queues(t.Context(), "p.")
		require.NoError(t, err)
		require.Equal(t, []rabbit.Queue{{Name: "p.a", Consumers: 1}, {Name: "p.b", Messages: 2}}, queues)
	}
}

func TestItListsBindingsToQueuesAndExchanges(t *testing.T) {
	t.Parallel()
	m := fake(t, true, map[string]string{"/api/exchanges/%2F/in/bindings/source": `[
		{"source":"in","routing_key":"#","destination":"q","destination_type":"queue"},
		{"source":"in","routing_key":"a.*","destination":"x","destination_type":"exchange"}]`})
	bindings, err := m.Bindings(t.Context(), "in")
	require.NoError(t, err)
	require.Equal(t, []amqpx.Binding{{Source: "in", Key: "#", Queue: "q"}, {Source: "in", Key: "a.*", Exchange: "x"}}, bindings)
}

func TestATroubleIsToldWithoutThePassword(t *testing.T) {
	t.Parallel()
	m := fake(t, true, map[string]string{"/api/queues/%2F": "<html>"})
	_, err := m.Queues(t.Context(), "")
	require.ErrorContains(t, err, "list queues: read the answer")
	_, err = m.Bindings(t.Context(), "gone")
	require.ErrorContains(t, err, "401")
	for _, wrong := range []string{"", "amqp://me:secret@x/", "http://", "http://me:secret@[", "secret"} {
		_, err := rabbit.New(t.Context(), wrong, amqpx.Config{})
		require.Error(t, err, wrong)
		require.NotContains(t, err.Error(), "secret")
	}
}
