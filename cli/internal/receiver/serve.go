package receiver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// How long a connection may take.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = time.Minute
	idleTimeout   = 2 * time.Minute
	stopTimeout   = 2 * time.Second
)

// Serve answers on the listener until ctx is done, and then lets requests that
// are under way end, for two seconds at most; delays are cut short. It returns
// nil after that, and closes the listener in any case.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		IdleTimeout:       idleTimeout,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	stopped := make(chan struct{})
	release := context.AfterFunc(ctx, func() { //nolint:contextcheck // ctx is done by then
		defer close(stopped)
		stop(server)
	})
	err := server.Serve(listener)
	if !errors.Is(err, http.ErrServerClosed) {
		release()
		return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
	}
	<-stopped
	return nil
}

func stop(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		_ = server.Close() // it only hastens the end
	}
}
