package provider_test

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
)

// network answers for the whole world, from a list of addresses.
type network struct {
	documents map[string]string // by "METHOD address"; absent: the host is down

	mu    sync.Mutex
	asked []string
	auth  []string
}

func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, r.Method+" "+r.URL.String())
	n.auth = append(n.auth, r.Header.Get("Authorization"))
	document, ok := n.documents[r.Method+" "+r.URL.String()]
	if !ok {
		return nil, io.ErrUnexpectedEOF
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader([]byte(document))), Request: r}, nil
}

func (n *network) requests() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked
}

func serving(documents map[string]string) *network { return &network{documents: documents} }

// online compiles a preset whose keys come from the network.
func online(t testing.TB, id string, n *network, o provider.Options) *provider.Source {
	t.Helper()
	o.HTTP = &http.Client{Transport: n}
	if o.PublicURL == "" {
		o.PublicURL = "https://hooks.example.com/in/source"
	}
	p, ok := provider.Lookup(id)
	require.True(t, ok)
	source, err := provider.New(p, o)
	require.NoError(t, err)
	return source
}
