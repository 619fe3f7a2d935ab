package httpapi

import (
	"container/list"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
)

// connections bounds the connections of senders. Each one costs memory, whether it is
// used or not. It is safe for concurrent use.
type connections struct {
	most int // 0: any number

	mu   sync.Mutex
	open map[net.Conn]*list.Element // of idle; nil: it is in use
	idle list.List                  // of net.Conn, the longest idle one first
}

func newConnections(most int) *connections {
	return &connections{most: most, open: map[net.Conn]*list.Element{}}
}

// change follows the state of a connection, as http.Server reports it. For one too many
// it closes the longest idle one, or the new one when none is idle.
func (c *connections) change(conn net.Conn, state http.ConnState) {
	if c.most == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.open[conn]; at != nil {
		c.idle.Remove(at)
	}
	switch state {
	case http.StateNew:
		if len(c.open) >= c.most {
			c.shed(conn)
		}
		c.open[conn] = nil
	case http.StateActive:
		c.open[conn] = nil
	case http.StateIdle:
		c.open[conn] = c.idle.PushBack(conn)
	default:
		delete(c.open, conn)
	}
}

// shed closes a connection for a new one. The server reports it as closed after that.
func (c *connections) shed(fresh net.Conn) {
	victim := fresh
	if first := c.idle.Front(); first != nil {
		victim, _ = c.idle.Remove(first).(net.Conn)
		c.open[victim] = nil
	}
	if secured, ok := victim.(*tls.Conn); ok {
		victim = secured.NetConn() // a farewell over TLS may wait
	}
	_ = victim.Close()
}
