package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/penstock/penstock/pkg/buildinfo"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/deliver"
)

// mostAnswer bounds what is read of an answer, in bytes.
const mostAnswer = 64 << 10

// laterError is an answer that asks for a pause.
type laterError struct {
	error
	wait time.Duration
}

// newDestination makes the destination through which a channel is reached.
func newDestination(c *config.Channel) *config.Destination {
	return &config.Destination{
		Name: c.Name, Timeout: config.Duration(sendTime), Concurrency: 1, AllowPrivate: c.AllowPrivate, CAFile: c.CAFile, Proxy: c.Proxy,
	}
}

// postJSON sends a body as JSON, with header fields that sign adds if it is not nil. Its errors
// quote no URL, which may be a secret.
func postJSON(ctx context.Context, c *config.Channel, to string, body any, sign func(http.Header, []byte) error) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode the message: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(text))
	if err != nil {
		return errors.New("the channel's URL is not valid")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "penstock/"+buildinfo.Version())
	if sign != nil {
		if err := sign(r.Header, text); err != nil {
			return err
		}
	}
	client, err := deliver.NewClient(newDestination(c))
	if err != nil {
		return fmt.Errorf("reach the channel: %w", err)
	}
	defer client.CloseIdleConnections()
	answer, err := client.Do(r)
	if err != nil {
		return withoutURL(err)
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, mostAnswer)) // an answer may quote the message
	return checkAnswer(answer)
}

// withoutURL takes the URL off an error of the client.
func withoutURL(err error) error {
	if of, is := errors.AsType[*url.Error](err); is {
		return fmt.Errorf("reach the channel: %w", of.Err)
	}
	return fmt.Errorf("reach the channel: %w", err)
}

// checkAnswer returns nil when the channel accepted the message.
func checkAnswer(answer *http.Response) error {
	if answer.StatusCode >= 200 && answer.StatusCode < 300 {
		return nil
	}
	err := fmt.Errorf("the channel answered HTTP %d", answer.StatusCode)
	if seconds, bad := strconv.ParseUint(answer.Header.Get("Retry-After"), 10, 31); bad == nil {
		return &laterError{err, time.Duration(seconds) * time.Second}
	}
	return err
}
