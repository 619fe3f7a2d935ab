package receiver

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// MaxBody is the largest body, in bytes, that is taken; larger ones get 413.
const MaxBody = 64 << 20

// scheme is how a deliverer signs.
const scheme = "standard-webhooks"

// Options say how a Receiver behaves. The zero value takes everything.
type Options struct {
	Secrets []string         // a request must be signed with one of them; none: signatures are not looked at
	Failure Failure          // when to fail
	Delay   time.Duration    // how long to wait before each answer
	Report  func(Report)     // told of each request before it is answered, one at a time; nil: nobody
	Now     func() time.Time // the clock; nil: time.Now
}

// Report is what became of one request.
type Report struct {
	Time      time.Time   `json:"time"`
	Method    string      `json:"method"`
	Path      string      `json:"path"` // with the query
	EventID   string      `json:"eventID,omitempty"`
	Source    string      `json:"source,omitempty"`
	Type      string      `json:"type,omitempty"`
	Attempt   int         `json:"attempt,omitempty"`   // from 1; zero: the request does not say
	Signature string      `json:"signature,omitempty"` // "valid", or why not; empty: not looked at
	Status    int         `json:"status"`              // of the answer
	Header    http.Header `json:"header"`
	Body      []byte      `json:"-"`
}

// Valid is the Signature of a Report whose request is authentic.
const Valid = "valid"

// Receiver is the endpoint. It is safe for concurrent use.
type Receiver struct {
	options Options
	source  *provider.Source // nil: signatures are not looked at
	failing *failing
	mu      sync.Mutex // orders reports
}

// New makes a receiver; Failure.For counts from now. It fails for a secret that
// is not one of Standard Webhooks.
func New(o Options) (*Receiver, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Report == nil {
		o.Report = func(Report) {}
	}
	r := &Receiver{options: o, failing: newFailing(o.Failure, o.Now())}
	if len(o.Secrets) == 0 {
		return r, nil
	}
	preset, known := provider.Lookup(scheme)
	if !known {
		return nil, fmt.Errorf("there is no preset %s", scheme)
	}
	source, err := provider.New(preset, provider.Options{Secrets: o.Secrets})
	if err != nil {
		return nil, err
	}
	r.source = source
	return r, nil
}

// ServeHTTP takes one request.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if request.Method == http.MethodGet && request.URL.Path == "/healthz" {
		answer(w, http.StatusOK, "ok")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, MaxBody))
	if err != nil {
		answer(w, http.StatusRequestEntityTooLarge, "the body is too large, or broke off")
		return
	}
	report := r.judge(request, body)
	r.tell(report)
	if !pause(request, r.options.Delay) {
		return
	}
	if wait := r.options.Failure.RetryAfter; wait > 0 && report.Status != http.StatusOK {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	answer(w, report.Status, http.StatusText(report.Status))
}

func (r *Receiver) tell(report Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.options.Report(report)
}

func (r *Receiver) judge(request *http.Request, body []byte) Report {
	now := r.options.Now()
	header := request.Header
	report := Report{
		Time: now, Method: request.Method, Path: request.URL.RequestURI(), Header: header, Body: body,
		EventID: cmp.Or(header.Get("Penstock-Event-Id"), header.Get("Webhook-Id")),
		Source:  header.Get("Penstock-Source"),
		Type:    header.Get("Penstock-Event-Type"),
	}
	report.Attempt, _ = strconv.Atoi(header.Get("Penstock-Attempt"))
	report.Signature = r.verify(request, body, now)
	if report.Signature != "" && report.Signature != Valid {
		report.Status = http.StatusUnauthorized
		return report
	}
	report.Status = r.failing.status(report.EventID, now)
	return report
}

func (r *Receiver) verify(request *http.Request, body []byte, now time.Time) string {
	if r.source == nil {
		return ""
	}
	result := r.source.Verify(request.Context(), &signature.Request{
		Method: request.Method, Path: request.URL.EscapedPath(), RawQuery: request.URL.RawQuery,
		Header: request.Header, Body: body,
	}, now)
	if result.OK {
		return Valid
	}
	return string(result.Reason)
}

// pause reports whether the client is still there after the wait.
func pause(request *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-request.Context().Done():
		return false
	}
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	if status != http.StatusNoContent && status != http.StatusNotModified {
		_, _ = io.WriteString(w, text+"\n") // a client that left needs no answer
	}
}
