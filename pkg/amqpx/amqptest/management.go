package amqptest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// management speaks RabbitMQ's HTTP API.
type management struct{ base, user, password string }

func newManagement(tb testing.TB, raw string) management {
	tb.Helper()
	u, err := url.Parse(raw)
	require.NoError(tb, err)
	m := management{user: "guest", password: "guest"}
	if u.User != nil {
		m.user = u.User.Username()
		m.password, _ = u.User.Password()
		u.User = nil
	}
	m.base = strings.TrimSuffix(u.String(), "/")
	return m
}

// do sends one request and fails the test unless it succeeds.
func (m management) do(tb testing.TB, method, path string, in, out any) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	require.NoError(tb, m.send(ctx, method, path, in, out))
}

// forget removes something at a test's end, where its broker may be down already.
func (m management) forget(path string) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_ = m.send(ctx, http.MethodDelete, path, nil, nil)
}

func (m management) send(ctx context.Context, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, m.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.SetBasicAuth(m.user, m.password)
	request.Header.Set("Content-Type", "application/json")
	request.Close = true // no idle connection that a leak check would find
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}
