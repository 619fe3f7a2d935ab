package deliver

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/retry"
	"github.com/penstock/penstock/pkg/status"
)

// How much of an answer's body is read, in bytes.
const (
	keepBody  = status.MaxAnswer // kept for the record of the attempt
	drainBody = 64 << 10         // read and dropped, so that the connection can be used again
)

// StatusError is an answer other than 2xx. Its body is not an error's business.
type StatusError struct {
	Status int // the HTTP status
}

// Error names the status.
func (e *StatusError) Error() string {
	return fmt.Sprintf("destination answered %d %s", e.Status, http.StatusText(e.Status))
}

// HTTPStatus returns the status, for the dead letter's header.
func (e *StatusError) HTTPStatus() int { return e.Status }

// judge turns an answer into the handler's error: nil for 2xx.
func judge(res *http.Response, now time.Time) error {
	after, given := retry.ParseAfter(res.Header.Get("Retry-After"), now)
	c := classify(res.StatusCode, given)
	if c.reason == fault.ReasonNone {
		return nil
	}
	err := fault.Because(c.reason, &StatusError{res.StatusCode})
	switch {
	case c.permanent:
		return fault.Permanent(err)
	case given && c.reason == fault.ReasonThrottled:
		return fault.RetryAfter(err, after)
	default:
		return err
	}
}

// readBody ignores errors: the status has been given, and nothing that happens to
// the body afterwards changes it. What follows a switch of protocols is no body, and has no
// end.
func readBody(res *http.Response) (kept []byte, cut bool) {
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode == http.StatusSwitchingProtocols {
		return nil, false
	}
	kept, _ = io.ReadAll(io.LimitReader(res.Body, keepBody))
	more, _ := io.CopyN(io.Discard, res.Body, drainBody)
	return kept, more > 0
}
