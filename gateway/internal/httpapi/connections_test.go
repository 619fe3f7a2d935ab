package httpapi_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/httpapi"
	"github.com/penstock/penstock/gateway/internal/ingest"
)

func most(n int) option { return func(o *httpapi.Options) { o.Most = n } }

// connect opens a connection, and reports whether the server took it.
func (b *bundle) connect(t *testing.T) (*tls.Conn, bool) {
	t.Helper()
	conn, err := tls.Dial("tcp", b.Addr().String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		return nil, false
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn, true
}

// begin sends a request over a connection.
func begin(t *testing.T, conn *tls.Conn) {
	t.Helper()
	_, err := io.WriteString(conn, "POST /in/x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
	require.NoError(t, err)
}

// askOver sends a request over a connection and returns the status of the answer.
func askOver(t *testing.T, conn *tls.Conn) int {
	t.Helper()
	begin(t, conn)
	return next(t, bufio.NewReader(conn)).status
}

// closed reports whether the server has closed the connection, or does so soon.
func closed(t *testing.T, conn *tls.Conn) bool {
	t.Helper()
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	_, err := conn.Read(make([]byte, 1))
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

func TestALongestIdleConnectionMakesRoomForANewOne(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(accept), most(2))
	first, ok := b.connect(t)
	require.True(t, ok)
	require.Equal(t, http.StatusAccepted, askOver(t, first))
	second, ok := b.connect(t)
	require.True(t, ok)
	require.Equal(t, http.StatusAccepted, askOver(t, second))
	third, ok := b.connect(t)
	require.True(t, ok)
	require.Equal(t, http.StatusAccepted, askOver(t, third))
	require.True(t, closed(t, first), "it was idle for longest")
	require.Equal(t, http.StatusAccepted, askOver(t, second))
}

func TestAConnectionIsRefusedWhileAllOthersAreInUse(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	b := setup(t, pipeline(func(ctx context.Context, r *ingest.Request) (*ingest.Answer, error) {
		entered <- struct{}{}
		<-leave
		return accept(ctx, r)
	}), most(2))
	var busy []*tls.Conn
	for range 2 {
		conn, ok := b.connect(t)
		require.True(t, ok)
		begin(t, conn)
		<-entered
		busy = append(busy, conn)
	}
	_, ok := b.connect(t)
	require.False(t, ok)
	close(leave)
	for _, conn := range busy {
		require.Equal(t, http.StatusAccepted, next(t, bufio.NewReader(conn)).status, "a request in work is never cut off")
	}
}
