package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/worker/internal/adapter"
	"github.com/penstock/penstock/worker/internal/store"
)

// basePath is where the API stands.
const basePath = "/api/v1"

// answerTime bounds the work for one request; watching is exempt.
const answerTime = 15 * time.Second

// Archive holds the events themselves.
type Archive interface {
	// Event returns what lies at an offset of the archive, if it is the event with the id.
	Event(ctx context.Context, offset int64, id string) (*event.Event, error)
}

// Options are what a server works with. All but Archive and Follower must be set.
type Options struct {
	Listen  string // host:port; port 0 takes a free one
	Store   *store.Store
	Archive Archive // nil: there is none

	NoStreams bool // the broker may drop status records without a trace: the ledger is never sure

	Guard   *Guard
	Names   []string               // of hosts, in lower case, that an open API answers to besides addresses and names without a dot
	Config  func() *config.Config  // the one in force
	Changed func() <-chan struct{} // closed when the store has something new
	Log     *zap.Logger

	Fleet     Fleet     // the deliverers
	Commander Commander // tells them what people want
	Broker    Broker    // knows how long queues are

	Notifier Notifier // sends notifications

	// CheckAccount asks the provider of an account what its credentials may do; nil: nothing is
	// asked here.
	CheckAccount func(ctx context.Context, a *config.Account) (adapter.Report, adapter.Usage, error)

	// CallRunner tells who works on jobs that there is a new one; nil: nobody does here.
	CallRunner func()

	// Follower reads the archive for relays; nil: there is none.
	Follower Follower

	// Console makes the pages that are served beside the API; nil: there are none. It is
	// given the server, which answers what its handlers answer without HTTP too.
	Console func(*Server) (http.Handler, error)
}

// Server is a running API.
type Server struct {
	options  Options
	listener net.Listener
	server   *http.Server
	stopping chan struct{} // closed when Close begins, which ends what is watched
	relays   chan struct{} // one for each that runs
	stop     sync.Once
	done     chan struct{}
}

// Start listens and serves until Close. It fails when it cannot listen.
func Start(ctx context.Context, o Options) (*Server, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for API requests: %w", err)
	}
	s := &Server{options: o, listener: listener, stopping: make(chan struct{}), relays: make(chan struct{}, maxRelays), done: make(chan struct{})}
	handler, err := s.handler()
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s.server = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	go func() {
		defer close(s.done)
		_ = s.server.Serve(listener) // returns when Close shuts it down
	}()
	return s, nil
}

// handler leads what is not of the API to the console.
func (s *Server) handler() (http.Handler, error) {
	api, err := s.routes()
	if err != nil {
		return nil, err
	}
	if s.options.Console == nil {
		return s.ownHost(api), nil
	}
	pages, err := s.options.Console(s)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.Handle("/console", pages)
	mux.Handle("/console/", pages)
	mux.Handle("GET /{$}", http.RedirectHandler("/console/", http.StatusSeeOther))
	return s.ownHost(mux), nil
}

func (s *Server) routes() (http.Handler, error) {
	known, err := queryParameters()
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.HTTPErrorHandler = s.fail
	e.Use(s.recovered, headers, sane, sameOrigin, s.guarded, knownParameters(known), s.timed)
	RegisterHandlersWithBaseURL(e, s, basePath)
	return e, nil
}

// guarded lets only requests pass that may do what they want. A path outside of the API leads nowhere
// and needs no token.
func (s *Server) guarded(next echo.HandlerFunc) echo.HandlerFunc {
	guarded := s.options.Guard.admit(next)
	return func(c echo.Context) error {
		if strings.HasPrefix(c.Request().URL.Path, basePath+"/") {
			return guarded(c)
		}
		return next(c)
	}
}

// recovered turns a panic into an internal error.
func (s *Server) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if recover() != nil {
				// The cause is not logged: it may quote a payload.
				s.options.Log.Error("request panicked", zap.String("path", c.Path()), zap.ByteString("stack", debug.Stack()))
				err = errInternal
			}
		}()
		return next(c)
	}
}

// headers keep answers out of caches and a browser from guessing.
func headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		return next(c)
	}
}

// sane refuses texts that no database takes.
func sane(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := c.Request().URL
		if err := plain(u.Path); err != nil {
			return err
		}
		query := u.Query()
		query.Del("filter") // an expression, which goes to no database
		for _, values := range query {
			for _, text := range values {
				if err := plain(text); err != nil {
					return err
				}
			}
		}
		return next(c)
	}
}

// sameOrigin refuses what a page of another site has a browser send. It matters where
// the API is open.
func sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	var protection http.CrossOriginProtection
	return func(c echo.Context) error {
		if protection.Check(c.Request()) != nil {
			return errForbidden
		}
		return next(c)
	}
}

// timed bounds a request, unless it watches or relays.
func (s *Server) timed(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Path() == basePath+"/events/stream" || c.Path() == relayPath {
			return next(c)
		}
		ctx, cancel := context.WithTimeout(c.Request().Context(), answerTime)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// Addr returns the address that it listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Close ends what is watched and stops the listener, waiting for running requests while
// ctx allows.
func (s *Server) Close(ctx context.Context) error {
	s.stop.Do(func() { close(s.stopping) })
	err := s.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.server.Close())
	}
	<-s.done
	return err
}
