package bench

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"github.com/penstock/penstock/cli/internal/outgoing"
)

// errRemote refuses an address of another machine.
var errRemote = errors.New("not this machine")

// client sends over a fixed number of connections.
type client struct {
	*http.Client
}

// newClient makes a client that speaks HTTP/1.1: with HTTP/2 all requests would share
// one connection.
func newClient(o Options) *client {
	dialer := &net.Dialer{Timeout: min(o.Timeout, 10*time.Second)}
	if !o.Remote {
		dialer.Control = loopbackOnly
	}
	return &client{&http.Client{
		Timeout:       o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:         dialer.DialContext,
			MaxConnsPerHost:     o.Connections,
			MaxIdleConnsPerHost: o.Connections,
			TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{},
			TLSClientConfig: &tls.Config{
				MinVersion:         tls.VersionTLS12,
				InsecureSkipVerify: o.Insecure, //nolint:gosec // asked for, for self-signed certificates
			},
		},
	}}
}

// loopbackOnly refuses a connection to another machine, whatever its name was.
func loopbackOnly(_, address string, _ syscall.RawConn) error {
	if at, err := netip.ParseAddrPort(address); err != nil || !at.Addr().Unmap().IsLoopback() {
		return fmt.Errorf("%s: %w", address, errRemote)
	}
	return nil
}

// CheckLoopback fails when a host is, or may be, another machine.
func CheckLoopback(ctx context.Context, host string) error {
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return fmt.Errorf("look up %s: %w", host, err)
	}
	for _, ip := range found {
		if !ip.Unmap().IsLoopback() {
			return fmt.Errorf("%s is %w", host, errRemote)
		}
	}
	return nil
}

// send sends one request, and returns its status, or in few words why it has none.
func (c *client) send(ctx context.Context, r outgoing.Request) string {
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL.String(), bytes.NewReader(r.Body))
	if err != nil {
		return "no request"
	}
	request.Header = r.Header
	response, err := c.Do(request)
	if err != nil {
		return reason(err)
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return reason(err)
	}
	return strconv.Itoa(response.StatusCode)
}

// reason says why there is no answer. The reasons are few, to be counted.
func reason(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "ended by you"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.Is(err, errRemote):
		return "not this machine"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case isCertificate(err):
		return "certificate not trusted"
	default:
		return "connection lost"
	}
}

func isCertificate(err error) bool {
	_, is := errors.AsType[*tls.CertificateVerificationError](err)
	return is
}
