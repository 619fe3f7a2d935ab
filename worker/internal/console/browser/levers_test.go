//go:build browser

package browser_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/routing/routingtest"
)

// sent is an event that a script wants to come in.
type sent struct {
	Source   string      `json:"source"`
	Type     string      `json:"type"`
	Provider string      `json:"provider"`
	Body     []byte      `json:"body"`
	Header   [][2]string `json:"header"`
}

// send publishes an event as the gateway does, and returns its id.
func (s *stage) send(what sent) (string, error) {
	e := &event.Event{
		ID: event.NewID(), Source: what.Source, Type: what.Type, ProviderID: what.Provider, ReceivedAt: time.Now(), Body: what.Body,
		Request: event.Request{Method: http.MethodPost, Path: "/in/" + what.Source, RemoteAddr: "203.0.113.17"},
	}
	for _, f := range what.Header {
		e.Request.Header = append(e.Request.Header, event.Field{Name: f[0], Value: f[1]})
	}
	m, err := event.Encode(e)
	if err != nil {
		return "", err
	}
	return e.ID, routingtest.Accept(s.ctx, s.publisher, m, s.routes.Match(e.Source, e.Type)...)
}

// pull offers the levers over HTTP: POST /send with an event, and POST /mend, after which
// the receiver takes everything.
func (s *stage) pull() {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /send", func(w http.ResponseWriter, r *http.Request) {
		var what sent
		if err := json.NewDecoder(r.Body).Decode(&what); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		id, err := s.send(what)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = w.Write([]byte(id))
	})
	mux.HandleFunc("POST /mend", func(http.ResponseWriter, *http.Request) { s.mended.Store(true) })
	server := httptest.NewServer(mux)
	s.t.Cleanup(server.Close)
	s.levers = server.URL
}

func (s *stage) sendAll(all []sent) {
	for _, one := range all {
		_, err := s.send(one)
		require.NoError(s.t, err)
	}
}
