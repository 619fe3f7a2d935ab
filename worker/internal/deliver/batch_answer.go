package deliver

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/penstock/penstock/pkg/fault"
)

// mostOutcomes is how much of the answer to a batch is read, in bytes.
const mostOutcomes = 1 << 20

// batchAnswer is how a destination says with a 2xx that it did not take all events of a batch:
//
//	{"failed": [{"id": "…", "status": 422}]}
//
// An event that is not named was taken. The status says what the same answer to the event
// alone would say; without one it is 500.
type batchAnswer struct {
	Failed []struct {
		ID     string `json:"id"`
		Status int    `json:"status"`
	} `json:"failed"`
}

// outcomesOf returns the outcome of each event of a batch that was answered with 2xx. An answer
// that is something else than a batchAnswer names no event.
func outcomesOf(body []byte, items []*item) []error {
	errs := make([]error, len(items))
	var answer batchAnswer
	if json.Unmarshal(body, &answer) != nil {
		return errs
	}
	failed := make(map[string]error, len(answer.Failed))
	for _, f := range answer.Failed {
		failed[f.ID] = outcome(f.Status)
	}
	for n, i := range items {
		errs[n] = failed[i.event.ID]
	}
	return errs
}

// outcome is that of an event that was not taken.
func outcome(status int) error {
	if status < 300 || status > 599 {
		status = http.StatusInternalServerError
	}
	c := classify(status, false)
	err := fault.Because(c.reason, &StatusError{status})
	if c.permanent {
		return fault.Permanent(err)
	}
	return err
}

// readOutcomes reads the answer to a batch, which may name each event. It is not whole when it
// is longer than what is read, or breaks off.
func readOutcomes(res *http.Response) (body []byte, whole bool) {
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode == http.StatusSwitchingProtocols {
		return nil, true
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, mostOutcomes))
	more, _ := io.CopyN(io.Discard, res.Body, drainBody)
	return body, err == nil && more == 0
}
