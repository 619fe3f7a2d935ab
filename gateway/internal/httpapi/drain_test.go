package httpapi_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/ingest"
)

func TestADrainingServerAnswersAndAsksClientsToLeave(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(accept), clearText)
	const request = "POST /in/a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
	conn := b.dial(t)
	reader := bufio.NewReader(conn)
	for _, draining := range []bool{false, true} {
		if draining {
			b.Drain()
		}
		_, err := io.WriteString(conn, request)
		require.NoError(t, err)
		res := next(t, reader)
		require.Equal(t, http.StatusAccepted, res.status)
		require.Equal(t, draining, res.last)
	}
	_, err := reader.ReadByte()
	require.ErrorIs(t, err, io.EOF)
}

func TestCloseWaitsForRunningRequests(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	b := setup(t, pipeline(func(ctx context.Context, r *ingest.Request) (*ingest.Answer, error) {
		close(entered)
		<-leave
		return accept(ctx, r)
	}))
	status := make(chan int)
	go func() {
		got, _ := b.post(t.Context()) // zero when it fails
		status <- got
	}()
	<-entered
	closed := make(chan error)
	go func() { closed <- b.Close(t.Context()) }()
	require.Eventually(t, func() bool { return b.refuses(t) }, 5*time.Second, 10*time.Millisecond)
	close(leave)
	require.Equal(t, http.StatusAccepted, <-status)
	require.NoError(t, <-closed)
}

func TestCloseCutsOffWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	b := setup(t, pipeline(func(ctx context.Context, r *ingest.Request) (*ingest.Answer, error) {
		close(entered)
		<-leave
		return accept(ctx, r)
	}), clearText)
	defer close(leave)
	_, err := io.WriteString(b.dial(t), "POST /in/a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
	require.NoError(t, err)
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, b.Close(ctx), context.DeadlineExceeded)
}
