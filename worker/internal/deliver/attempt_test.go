package deliver_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/worker/internal/deliver"
)

func TestAnAnswerDecidesWhatComesNext(t *testing.T) {
	t.Parallel()
	tests := map[int]struct {
		reason    fault.Reason
		permanent bool
	}{
		200: {}, 201: {}, 202: {}, 204: {}, 299: {},
		301: {fault.ReasonRedirect, true}, 302: {fault.ReasonRedirect, true}, 304: {fault.ReasonRedirect, true}, 308: {fault.ReasonRedirect, true},
		400: {fault.ReasonRejected, true}, 401: {fault.ReasonRejected, true}, 404: {fault.ReasonRejected, true}, 422: {fault.ReasonRejected, true},
		408: {fault.ReasonServerError, false}, 425: {fault.ReasonServerError, false},
		410: {fault.ReasonGone, true},
		429: {fault.ReasonThrottled, false},
		500: {fault.ReasonServerError, false}, 501: {fault.ReasonServerError, false}, 502: {fault.ReasonServerError, false},
		503: {fault.ReasonServerError, false}, 504: {fault.ReasonServerError, false}, 599: {fault.ReasonServerError, false},
	}
	for code, want := range tests {
		t.Run(http.StatusText(code), func(t *testing.T) {
			t.Parallel()
			err := handle(t, receiver(t, status(code)), sample())
			require.Equal(t, want.reason, fault.ReasonOf(err))
			require.Equal(t, want.permanent, fault.IsPermanent(err))
			if want.reason == fault.ReasonNone {
				require.NoError(t, err)
				return
			}
			var answer *deliver.StatusError
			require.ErrorAs(t, err, &answer)
			require.Equal(t, code, answer.HTTPStatus())
			_, asked := fault.Wait(err)
			require.False(t, asked)
		})
	}
}

func TestRetryAfterCountsWith429And503Only(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]time.Duration{429: 2 * time.Minute, 503: 2 * time.Minute, 500: 0, 400: 0} {
		d := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(code)
		})
		err := handle(t, d, sample())
		wait, asked := fault.Wait(err)
		require.Equal(t, want > 0, asked, code)
		require.Equal(t, want, wait, code)
		require.Equal(t, want > 0, fault.ReasonOf(err) == fault.ReasonThrottled, code)
	}
}

func TestTheBeginningOfAnAnswerIsKeptAndNeverShown(t *testing.T) {
	t.Parallel()
	d := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(strings.Repeat("secret", 10_000)))
	})
	ctx, answer := consume.WithAnswer(t.Context())
	err := d.Handle(ctx, sample())
	require.Equal(t, http.StatusBadRequest, answer().Status)
	require.Equal(t, strings.Repeat("secret", 1000)[:4096], string(answer().Body))
	require.Positive(t, answer().Took)
	require.EqualError(t, err, "destination answered 400 Bad Request")
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("followed") }))
	t.Cleanup(elsewhere.Close)
	d := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	require.Equal(t, fault.ReasonRedirect, fault.ReasonOf(handle(t, d, sample())))
}

func TestRequestsWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		start  func(t *testing.T) string // returns a URL
		change func(*config.Destination)
		want   fault.Reason
	}{
		"nobody listens":         {start: closedPort, want: fault.ReasonConnection},
		"hangs up":               {start: hangingUp, want: fault.ReasonConnection},
		"never answers":          {start: silent, change: impatient, want: fault.ReasonTimeout},
		"a name that is not one": {start: func(*testing.T) string { return "http://nothing.invalid" }, want: fault.ReasonDNS},
		"an unknown authority":   {start: selfSigned, want: fault.ReasonTLS},
		"plain where TLS is due": {start: plainAsTLS, want: fault.ReasonTLS},
		"a metadata service":     {start: func(*testing.T) string { return "http://169.254.169.254/latest" }, want: fault.ReasonForbidden},
		"a private address":      {start: silent, change: func(d *config.Destination) { d.AllowPrivate = false }, want: fault.ReasonForbidden},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := settings(tc.start(t) + "/hooks/s3cret")
			if tc.change != nil {
				tc.change(d)
			}
			err := handle(t, destination(t, d), sample())
			require.Error(t, err)
			require.Equal(t, tc.want, fault.ReasonOf(err), err)
			require.False(t, fault.IsPermanent(err))
			require.NotContains(t, err.Error(), "s3cret")
		})
	}
}

func impatient(d *config.Destination) { d.Timeout = config.Duration(100 * time.Millisecond) }

func listen(t *testing.T) net.Listener {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return l
}

func closedPort(t *testing.T) string {
	t.Helper()
	l := listen(t)
	require.NoError(t, l.Close())
	return "http://" + l.Addr().String()
}

func hangingUp(t *testing.T) string {
	t.Helper()
	l := listen(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return "http://" + l.Addr().String()
}

func silent(t *testing.T) string {
	t.Helper()
	l := listen(t) // the kernel accepts, and nobody ever reads
	t.Cleanup(func() { _ = l.Close() })
	return "http://" + l.Addr().String()
}

func selfSigned(t *testing.T) string {
	t.Helper()
	server := httptest.NewUnstartedServer(status(http.StatusOK))
	server.Config.ErrorLog = discard()
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func plainAsTLS(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(status(http.StatusOK))
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "http://", "https://", 1)
}

func TestAnAttemptThatTheStopCutsOffIsHandedBack(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	d := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server notices that its client has gone only after this
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	require.ErrorIs(t, d.Handle(ctx, sample()), consume.ErrHandBack)
}

func TestConnectionsAreKeptAlive(t *testing.T) {
	t.Parallel()
	peers := make(chan string, 2)
	d := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		peers <- r.RemoteAddr
		_, _ = w.Write(make([]byte, 20_000))
	})
	require.NoError(t, errors.Join(handle(t, d, sample()), handle(t, d, sample())))
	first := <-peers
	require.Equal(t, first, <-peers)
}
