package outgoing

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// maxAnswer is how many bytes of an answer's body are read.
const maxAnswer = 1 << 20

// SendOptions say how to send.
type SendOptions struct {
	Timeout  time.Duration // for all of it; zero: none but the context's
	Insecure bool          // accept any certificate
}

// Answer is what came back.
type Answer struct {
	Proto  string // such as "HTTP/2.0"
	Status string // such as "200 OK"
	Code   int
	Header http.Header
	Body   []byte // its first MiB
}

// Send sends the request and returns the answer, whatever its status. It
// follows no redirect: the signature may cover the address.
func Send(ctx context.Context, r Request, o SendOptions) (*Answer, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	request.Header = r.Header.Clone()
	client := NewClient(o)
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("send to %s: %w", r.URL.Host, cause(err))
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", r.URL.Host, err)
	}
	return &Answer{
		Proto: response.Proto, Status: response.Status, Code: response.StatusCode,
		Header: response.Header, Body: body,
	}, nil
}

// NewClient makes a client that follows no redirect: what it sends is for one address.
func NewClient(o SendOptions) *http.Client {
	return &http.Client{
		Timeout:       o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:             http.ProxyFromEnvironment,
			ForceAttemptHTTP2: true,
			TLSClientConfig: &tls.Config{
				MinVersion:         tls.VersionTLS12,
				InsecureSkipVerify: o.Insecure, //nolint:gosec // asked for, for self-signed certificates
			},
		},
	}
}

// cause leaves out the URL that net/http puts before its errors: a query can
// hold a signature or a key.
func cause(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		if e.Timeout() {
			return errors.New("no answer in time")
		}
		return e.Err
	}
	return err
}
