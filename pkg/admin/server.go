package admin

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"sync/atomic"
	"time"
)

// Options say what the listener answers with.
type Options struct {
	Listen  string       // host:port; port 0 takes a free one
	Checks  []Check      // what must hold for /readyz to be 200
	Metrics http.Handler // serves /metrics; none when nil
	PProf   bool         // serve /debug/pprof
	// Routes are what the process answers besides, by the pattern of a
	// http.ServeMux, such as "GET /things/{name}".
	Routes map[string]http.Handler
}

// Server is a running admin listener.
type Server struct {
	options  Options
	listener net.Listener
	server   *http.Server
	draining atomic.Bool
	done     chan struct{}
}

// Start listens and serves until Close. It fails when it cannot listen.
func Start(ctx context.Context, o Options) (*Server, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for admin requests: %w", err)
	}
	s := &Server{options: o, listener: listener, done: make(chan struct{})}
	s.server = &http.Server{
		Handler:           s.routes(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       time.Minute,
		BaseContext:       func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	go func() {
		defer close(s.done)
		_ = s.server.Serve(listener) // returns when Close shuts it down
	}()
	return s, nil
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", s.ready)
	if s.options.Metrics != nil {
		mux.Handle("GET /metrics", s.options.Metrics)
	}
	if s.options.PProf {
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	}
	for pattern, handler := range s.options.Routes {
		mux.Handle(pattern, handler)
	}
	return mux
}

// Addr returns the address it listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Drain makes /readyz answer 503 from now on, so that no new work is sent here.
func (s *Server) Drain() { s.draining.Store(true) }

// Close stops the listener, waiting for running requests while ctx allows.
func (s *Server) Close(ctx context.Context) error {
	err := s.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.server.Close())
	}
	<-s.done
	return err
}
