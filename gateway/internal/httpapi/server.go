package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
)

// Timeouts protect against senders that are slow, on purpose or not.
type Timeouts struct {
	Header time.Duration // to send a request's header, and for the TLS handshake
	Read   time.Duration // to send a request, header and body; a steady trickle does not prolong it
	Write  time.Duration // from the request's header to the end of the response
	Idle   time.Duration // between two requests; longer than that of common load balancers, which must be the first to close
}

// TimeoutsFor returns timeouts that leave room for a publish of that length.
func TimeoutsFor(publish time.Duration) Timeouts {
	const read, slack = 30 * time.Second, 15 * time.Second
	return Timeouts{Header: 10 * time.Second, Read: read, Write: read + publish + slack, Idle: 2 * time.Minute}
}

// maxHeader bounds a request's line and header fields, in bytes. What fits can
// also be carried by a message: see event.MaxRequest.
const maxHeader = 32 << 10

// Options are what a server works with.
type Options struct {
	Settings Settings
	Pipeline Pipeline
	Tracers  trace.TracerProvider     // spans of requests; nil: none
	Trusts   func(source string) bool // whether a sender's trace is the parent of ours; nil: no source's is
	Timeouts Timeouts
	Most     int // connections at once; for a further one the longest idle one is closed; 0: any number
	Log      *zap.Logger
}

func (o Options) withDefaults() Options {
	if o.Tracers == nil {
		o.Tracers = tracenoop.NewTracerProvider()
	}
	if o.Trusts == nil {
		o.Trusts = func(string) bool { return false }
	}
	return o
}

// Server is a running HTTP face.
type Server struct {
	face     *face
	server   *http.Server
	secured  *secured
	listener net.Listener
	closing  atomic.Bool
	failed   chan error // buffered: why it stopped serving by itself
	done     chan struct{}
}

// Start listens and serves until Close. It fails when it cannot listen or when
// the TLS files cannot be used.
func Start(ctx context.Context, o Options) (*Server, error) {
	o = o.withDefaults()
	senders, err := o.Settings.senders()
	if err != nil {
		return nil, err
	}
	f := &face{pipeline: o.Pipeline, problems: render(Problems()), log: o.Log, senders: senders, lingerers: make(chan struct{}, maxLingerers)}
	server, err := newHTTPServer(ctx, f, o)
	if err != nil {
		return nil, err
	}
	secured, err := newTLS(o.Settings, o.Log)
	if err != nil {
		return nil, err
	}
	server.TLSConfig = secured.config
	listener, err := listen(ctx, o.Settings)
	if err != nil {
		return nil, err
	}
	s := &Server{face: f, server: server, secured: secured, listener: listener, failed: make(chan error, 1), done: make(chan struct{})}
	go s.serve()
	return s, nil
}

func newHTTPServer(ctx context.Context, f *face, o Options) (*http.Server, error) {
	errorLog, err := zap.NewStdLogAt(o.Log, zap.DebugLevel) // strangers cause these lines at any rate
	if err != nil {
		return nil, fmt.Errorf("make the server's log: %w", err)
	}
	open := newConnections(o.Most)
	server := &http.Server{
		ConnState: open.change,
		Handler:   f.lingering(f.recovered(traced(f.routes(), o.Tracers, o.Trusts))),
		Protocols: new(http.Protocols),

		DisableGeneralOptionsHandler: true, // "OPTIONS *" is not found, as any other path

		ReadHeaderTimeout: o.Timeouts.Header,
		ReadTimeout:       o.Timeouts.Read,
		WriteTimeout:      o.Timeouts.Write,
		IdleTimeout:       o.Timeouts.Idle,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          errorLog,
		BaseContext:       func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetHTTP2(true)
	server.Protocols.SetUnencryptedHTTP2(o.Settings.TLSMode == TLSOff) // what a proxy that ends TLS may speak
	return server, nil
}

func listen(ctx context.Context, s Settings) (net.Listener, error) {
	trusted, err := s.trusted()
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", s.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for webhooks: %w", err)
	}
	if s.ProxyProtocol {
		return behindProxies(listener, trusted), nil
	}
	return listener, nil
}

func (s *Server) serve() {
	defer close(s.done)
	if err := s.run(); !s.closing.Load() {
		s.failed <- fmt.Errorf("serve webhooks: %w", err)
	}
}

func (s *Server) run() error {
	if s.server.TLSConfig == nil {
		return s.server.Serve(s.listener)
	}
	return s.server.ServeTLS(s.listener, "", "")
}

// Addr returns the address that it listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// CertificateExpiry returns when the certificate that senders see, or the first of its
// chain, expires. It is zero when TLS ends elsewhere.
func (s *Server) CertificateExpiry() time.Time { return s.secured.expiry() }

// Failed yields one error when the server stopped serving without being told to.
func (s *Server) Failed() <-chan error { return s.failed }

// Drain goes on serving, and asks each client to close its connection, so that
// its next request goes to another process.
func (s *Server) Drain() { s.face.draining.Store(true) }

// lastArrivals is how long the requests of the last accepted connections get to
// arrive. Shutdown of net/http drops a request that it reads afterwards.
const lastArrivals = 200 * time.Millisecond

// Close takes no more connections and waits for running requests while ctx
// allows; then it cuts them off.
func (s *Server) Close(ctx context.Context) error {
	s.Drain()
	s.closing.Store(true)
	_ = s.listener.Close() // it fails only when it was closed before
	<-s.done
	select {
	case <-time.After(lastArrivals):
	case <-ctx.Done():
	}
	if err := s.server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("finish running requests: %w", err), s.server.Close())
	}
	return nil
}
