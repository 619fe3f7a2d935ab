package deliver_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/fault"
)

// answering is the URL of a server that reads a request's header, writes an answer, and does
// with the connection what it is told, without reading the body.
func answering(t *testing.T, answer string, then func(*net.TCPConn)) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	t.Cleanup(func() { _ = listener.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReaderSize(conn, 16)); err == nil {
				_, _ = io.WriteString(conn, answer)
			}
			then(conn.(*net.TCPConn))
		}
	}()
	return "http://" + listener.Addr().String()
}

func TestAnAnswerBeforeTheBodyIsReadCounts(t *testing.T) {
	t.Parallel()
	for status, text := range map[int]string{
		http.StatusRequestEntityTooLarge: "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		http.StatusUnauthorized:          "HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nnope",
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			url := answering(t, text, func(c *net.TCPConn) { _ = c.Close() }) // with what it has not read: a reset
			err := deliverLarge(t, url)
			require.True(t, fault.IsPermanent(err), "%v", err)
			var answered interface{ HTTPStatus() int }
			require.ErrorAs(t, err, &answered)
			require.Equal(t, status, answered.HTTPStatus())
		})
	}
}

func TestAConnectionThatIsClosedWithoutAnAnswerIsNoAnswer(t *testing.T) {
	t.Parallel()
	err := deliverLarge(t, answering(t, "", func(c *net.TCPConn) { _ = c.Close() }))
	require.False(t, fault.IsPermanent(err))
	require.Equal(t, fault.ReasonConnection, fault.ReasonOf(err))
}

func TestADestinationThatSwitchesProtocolsHasNotDelivered(t *testing.T) {
	t.Parallel()
	held := make(chan *net.TCPConn, 1)
	url := answering(t, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", func(c *net.TCPConn) { held <- c })
	err := deliverLarge(t, url) // it returns at all
	require.Error(t, err)
	require.False(t, fault.IsPermanent(err))
	_ = (<-held).Close()
}

// deliverLarge makes an attempt with a body that no socket buffer holds.
func deliverLarge(t *testing.T, url string) error {
	t.Helper()
	e := sample()
	e.Body = make([]byte, 8<<20)
	return handle(t, destination(t, settings(url)), e)
}
