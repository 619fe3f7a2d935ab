package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/penstock/penstock/pkg/trackerclient"
)

// answer is what the generated client gives.
type answer interface {
	StatusCode() int
	GetApplicationproblemJSONDefault() *trackerclient.Problem
}

// value returns the body of a good answer. Otherwise its error says what to do.
func value[A answer, T any](t *tracker, a A, err error, body func(A) *T) (*T, error) {
	if err == nil {
		err = trackerclient.Check(&http.Response{StatusCode: a.StatusCode()}, a.GetApplicationproblemJSONDefault())
	}
	if err != nil {
		return nil, t.explain(err)
	}
	if got := body(a); got != nil {
		return got, nil
	}
	return nil, coded{fmt.Errorf("%s answers, but not as a tracker does: is --api right?", t.url), Refused}
}

// explain says what can be done about an error of the client.
func (t *tracker) explain(err error) error {
	if refused, ok := errors.AsType[*trackerclient.Error](err); ok {
		return coded{fmt.Errorf("%w%s", refused, hint(refused)), Refused}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("the tracker at %s does not answer in time; its log and 'penstock doctor' may say why", t.url)
	}
	if request, ok := errors.AsType[*url.Error](err); ok {
		if _, network := errors.AsType[*net.OpError](err); network {
			return fmt.Errorf("no tracker can be reached at %s: %w; start 'worker track', or say with --api where it is", t.url, request.Err)
		}
		return fmt.Errorf("ask %s: %w", t.url, request.Err)
	}
	return err
}

// hint is what a person at this command can do, where the tracker's own words are
// about HTTP.
func hint(e *trackerclient.Error) string {
	switch {
	case e.Status == http.StatusUnauthorized:
		return " Give the file that holds the token with --token-file."
	case e.Status == http.StatusForbidden:
		return " Give a token with it with --token-file."
	case e.Kind == "" && e.Status != http.StatusServiceUnavailable:
		return ": that is not the API of a tracker; is --api right?"
	default:
		return ""
	}
}
