package deliver

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
)

// earlyConn is a connection whose writes do not fail when the destination has closed it: a
// destination may answer before it has read the whole body, and close. The HTTP client gives
// up with the failed write, although the answer is there to be read. Without it the read
// fails, and says so.
type earlyConn struct {
	net.Conn

	closed atomic.Bool // by the other side: nothing more is sent
}

// Write implements io.Writer.
func (c *earlyConn) Write(p []byte) (int, error) {
	if c.closed.Load() {
		return len(p), nil
	}
	n, err := c.Conn.Write(p)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		c.closed.Store(true)
		return len(p), nil
	}
	return n, err
}

// dialEarly makes such connections.
func dialEarly(dialer *net.Dialer) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &earlyConn{Conn: conn}, nil
	}
}
