package deliver

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// counted is a renewed transport to a server, and how many connections the server has had
// and has.
func counted(t *testing.T) (r *renewed, url string, had, has *atomic.Int64) {
	t.Helper()
	had, has = new(atomic.Int64), new(atomic.Int64)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			had.Add(1)
			has.Add(1)
		case http.StateClosed:
			has.Add(-1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	r = &renewed{build: func() *http.Transport { return new(http.Transport) }}
	t.Cleanup(r.CloseIdleConnections)
	return r, server.URL, had, has
}

func send(t *testing.T, r *renewed, url string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("{}"))
	require.NoError(t, err)
	res, err := r.RoundTrip(req)
	require.NoError(t, err)
	return res
}

func finish(t *testing.T, res *http.Response) {
	t.Helper()
	_, err := io.Copy(io.Discard, res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
}

func TestConnectionsAreUsedAgainUntilTheirTimeIsOver(t *testing.T) {
	t.Parallel()
	r, url, had, has := counted(t)
	for range 3 {
		finish(t, send(t, r, url)) //nolint:bodyclose // finish does
	}
	require.EqualValues(t, 1, had.Load())
	require.WithinDuration(t, time.Now().Add(connectionAge), r.current.Load().until, 10*time.Second)
	require.Less(t, connectionAge, time.Minute)

	r.current.Load().until = time.Now().Add(-time.Second)
	finish(t, send(t, r, url)) //nolint:bodyclose // finish does
	require.EqualValues(t, 2, had.Load())
	require.Eventually(t, func() bool { return has.Load() == 1 }, 10*time.Second, time.Millisecond, "the old connection is closed")
}

func TestARequestThatIsUnderWayEndsOnItsOldConnection(t *testing.T) {
	t.Parallel()
	r, url, had, has := counted(t)
	old := send(t, r, url) //nolint:bodyclose // finish does
	r.current.Load().until = time.Now().Add(-time.Second)
	finish(t, send(t, r, url)) //nolint:bodyclose // finish does
	finish(t, old)
	require.EqualValues(t, 2, had.Load())
	require.Eventually(t, func() bool { return has.Load() == 1 }, 10*time.Second, time.Millisecond, "the old connection is closed after its request")
}
