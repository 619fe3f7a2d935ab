package amqptest

import (
	"context"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Proxy stands between a test and a broker, and can hold, cut or lose what passes. Its
// methods are safe for concurrent use.
type Proxy struct {
	URL string // the broker's, through the proxy

	target   string
	listener net.Listener
	running  sync.WaitGroup

	delay    atomic.Int64 // of the broker's answers, in nanoseconds
	confirms atomic.Int64 // how much later confirms arrive, in nanoseconds; less than zero: never

	mu      sync.Mutex
	conns   map[net.Conn]struct{}
	release chan struct{} // closed while answers pass
	whole   chan struct{} // closed while the line is not severed
}

// NewProxy starts a proxy for the broker of an AMQP URL. It ends with the test.
func NewProxy(tb testing.TB, raw string) *Proxy {
	tb.Helper()
	u, err := url.Parse(raw)
	require.NoError(tb, err)
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	p := &Proxy{target: u.Host, listener: listener, conns: map[net.Conn]struct{}{}, release: make(chan struct{}), whole: make(chan struct{})}
	close(p.release)
	close(p.whole)
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

// Delay lets what the broker sends from now on, over connections that are made later,
// arrive so much later, however much there is: as from a broker that takes so long for each
// answer.
func (p *Proxy) Delay(d time.Duration) { p.delay.Store(int64(d)) }

// Cut breaks every connection. New ones are let through.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

// Sever does what a cut cable does: nothing passes in either direction, not even the
// end of a connection, and what is sent is lost. New connections get no answer.
func (p *Proxy) Sever() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.whole = make(chan struct{})
}

// Heal ends a Sever. Connections from before are broken; new ones are let through.
func (p *Proxy) Heal() {
	p.Cut()
	p.mu.Lock()
	defer p.mu.Unlock()
	open(p.whole)
}

// open closes a channel that may be closed already.
func open(gate chan struct{}) {
	select {
	case <-gate:
	default:
		close(gate)
	}
}

func (p *Proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	open(p.release)
	p.mu.Unlock()
	p.Heal()
	p.running.Wait()
}

func (p *Proxy) accept(ctx context.Context) {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.connect(ctx, client) })
	}
}

// connect joins a client with the broker, as soon as the line is whole.
func (p *Proxy) connect(ctx context.Context, client net.Conn) {
	p.keep(client)
	<-p.line()
	broker, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.target)
	if err != nil {
		p.forget(client)
		return
	}
	p.keep(broker)
	if d := time.Duration(p.delay.Load()); d > 0 {
		client = later(client, d)
	}
	client = p.sorting(client)
	p.running.Go(func() { p.pass(broker, client, func() {}) })
	p.pass(client, broker, p.gate)
}

// pass copies one direction, and ends both with it.
func (p *Proxy) pass(to, from net.Conn, wait func()) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		wait()
		if err == nil && !isOpen(p.line()) {
			continue // lost on its way
		}
		if err != nil {
			<-p.line()
			break
		}
		if _, err = to.Write(buf[:n]); err != nil {
			break
		}
	}
	p.forget(to)
	p.forget(from)
}

func (p *Proxy) keep(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = struct{}{}
}

func (p *Proxy) forget(c net.Conn) {
	_ = c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

// line is closed while the line is whole.
func (p *Proxy) line() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.whole
}

func isOpen(gate <-chan struct{}) bool {
	select {
	case <-gate:
		return true
	default:
		return false
	}
}

func (p *Proxy) gate() {
	p.mu.Lock()
	release := p.release
	p.mu.Unlock()
	<-release
}
