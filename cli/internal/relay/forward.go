package relay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/trackerclient"
)

const (
	// tries is how often a request is sent to an application that breaks the connection off.
	tries = 3
	// An application that does not listen is asked again after a pause, which doubles.
	firstPause, longPause = 250 * time.Millisecond, 5 * time.Second
	// maxAnswer is how many bytes of an answer are read, so that its connection can be used again.
	maxAnswer = 64 << 10
)

// Result is what an application answered, or why it did not.
type Result struct {
	Target Target
	Status int // zero: no answer
	Took   time.Duration
	Err    error
}

// Forwarder forwards events. It is safe for concurrent use.
type Forwarder struct {
	Client  *http.Client
	Targets []Target
	Header  http.Header               // set on every request
	Waiting func(t Target, why error) // called when an application does not listen; may be nil
}

// Forward sends the event to each target that wants it, to all at the same time, and waits for their
// answers. It waits for an application that does not listen until ctx is done, which alone is an
// error: any answer is one, and so is none in time.
func (f *Forwarder) Forward(ctx context.Context, e *trackerclient.RelayedEvent) ([]Result, error) {
	var wanted []Target
	for _, t := range f.Targets {
		if t.Source == "" || t.Source == e.Source {
			wanted = append(wanted, t)
		}
	}
	results := make([]Result, len(wanted))
	var sending sync.WaitGroup
	for i, t := range wanted {
		sending.Go(func() { results[i] = f.retry(ctx, t, e) })
	}
	sending.Wait()
	return results, ctx.Err()
}

// retry sends until the application has the event.
func (f *Forwarder) retry(ctx context.Context, t Target, e *trackerclient.RelayedEvent) Result {
	pause := firstPause
	for broken := 0; ; {
		r := f.send(ctx, t, e)
		if r.Err == nil || ctx.Err() != nil || timedOut(r.Err) {
			return r
		}
		if !unreached(r.Err) {
			if broken++; broken == tries {
				return r
			}
		} else if f.Waiting != nil && pause == firstPause {
			f.Waiting(t, r.Err)
		}
		select {
		case <-time.After(pause):
			pause = min(2*pause, longPause)
		case <-ctx.Done():
			return r
		}
	}
}

func (f *Forwarder) send(ctx context.Context, t Target, e *trackerclient.RelayedEvent) Result {
	start := time.Now()
	status, err := f.post(ctx, t, e)
	return Result{Target: t, Status: status, Took: time.Since(start), Err: err}
}

func (f *Forwarder) post(ctx context.Context, t Target, e *trackerclient.RelayedEvent) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL.String(), bytes.NewReader(e.Body))
	if err != nil {
		return 0, fmt.Errorf("make the request: %w", err)
	}
	request.Header = headerOf(e)
	maps.Copy(request.Header, f.Header)
	response, err := f.Client.Do(request)
	if err != nil {
		return 0, cause(err)
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswer)) // the status was the answer
	return response.StatusCode, nil
}

// cause leaves out the URL that net/http puts before its errors.
func cause(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok && !e.Timeout() {
		return e.Err
	}
	return err
}

func timedOut(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

// unreached reports whether no application got anything.
func unreached(err error) bool {
	e, ok := errors.AsType[*net.OpError](err)
	return ok && e.Op == "dial"
}
