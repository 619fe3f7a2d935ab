package amqptest

import (
	"context"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Proxy stands between a test and a broker, and can hold or cut what passes. Its
// methods are safe for concurrent use.
type Proxy struct {
	URL string // the broker's, through the proxy

	target   string
	listener net.Listener
	running  sync.WaitGroup

	mu      sync.Mutex
	conns   map[net.Conn]struct{}
	release chan struct{} // closed while answers pass
}

// NewProxy starts a proxy for the broker of an AMQP URL. It ends with the test.
func NewProxy(tb testing.TB, raw string) *Proxy {
	tb.Helper()
	u, err := url.Parse(raw)
	require.NoError(tb, err)
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	p := &Proxy{target: u.Host, listener: listener, conns: map[net.Conn]struct{}{}, release: make(chan struct{})}
	close(p.release)
	u.Host = listener.Addr().String()
	p.URL = u.String()
	p.running.Go(func() { p.accept(tb.Context()) })
	tb.Cleanup(p.close)
	return p
}

// HoldAnswers keeps back what the broker sends, until ReleaseAnswers.
func (p *Proxy) HoldAnswers() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.release = make(chan struct{})
}

// ReleaseAnswers lets pass what was kept back, and what comes after. It follows a
// HoldAnswers.
func (p *Proxy) ReleaseAnswers() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.release)
}

// Cut breaks every connection. New ones are let through.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *Proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	select {
	case <-p.release:
	default:
		close(p.release)
	}
	p.mu.Unlock()
	p.Cut()
	p.running.Wait()
}

func (p *Proxy) accept(ctx context.Context) {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		broker, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.conns[client], p.conns[broker] = struct{}{}, struct{}{}
		p.mu.Unlock()
		p.running.Go(func() { p.pass(broker, client, func() {}) })
		p.running.Go(func() { p.pass(client, broker, p.gate) })
	}
}

// pass copies one direction, and ends both with it.
func (p *Proxy) pass(to, from net.Conn, wait func()) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		wait()
		if _, failed := to.Write(buf[:n]); failed != nil || err != nil {
			break
		}
	}
	_, _ = to.Close(), from.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, from)
}

func (p *Proxy) gate() {
	p.mu.Lock()
	release := p.release
	p.mu.Unlock()
	<-release
}
