package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/penstock/penstock/gateway/internal/ingest"
)

// ProblemBase is what every problem's type begins with. Each type leads to its
// description.
const ProblemBase = "https://github.com/penstock/penstock/blob/main/docs/reference/problems.md#"

// Kinds that only the HTTP face knows.
const kindNotFound ingest.Kind = "not-found" // a path outside of /in/{source}

// Problem is the body of an error: problem details as RFC 9457 describes them.
// It depends on the kind of refusal alone, and on the limit of a body that is too large,
// so that a sender learns what to do and an attacker nothing.
type Problem struct {
	Type   string `json:"type"`            // stable, an URL that leads to the description
	Title  string `json:"title"`           // the same for every problem of the type
	Status int    `json:"status"`          // the response's status
	Detail string `json:"detail"`          // what the sender can do
	Limit  int64  `json:"limit,omitempty"` // of a body that is too large: the most that is taken, in bytes
}

// Problems returns the problem for each kind of refusal: the one table from
// refusal to status.
func Problems() map[ingest.Kind]Problem {
	problems := map[ingest.Kind]Problem{
		kindNotFound:               {Status: 404, Title: "Not found", Detail: "Webhooks are received at /in/{source}."},
		ingest.KindUnknownSource:   {Status: 404, Title: "Unknown source", Detail: "No source has this name. Check the URL."},
		ingest.KindMethod:          {Status: 405, Title: "Method not allowed", Detail: "See the Allow header for the methods that this source takes."},
		ingest.KindAddress:         {Status: 403, Title: "Address not allowed", Detail: "This source takes no requests from your network."},
		ingest.KindRateLimited:     {Status: 429, Title: "Too many requests", Detail: "Try again after the time in the Retry-After header."},
		ingest.KindTooLarge:        {Status: 413, Title: "Body too large", Detail: "The body is larger than this source takes."},
		ingest.KindContentType:     {Status: 415, Title: "Unsupported content type", Detail: "This source does not take this Content-Type."},
		ingest.KindOverloaded:      {Status: 503, Title: "Overloaded", Detail: "Too much work is in flight. Try again after the time in the Retry-After header."},
		ingest.KindTimeout:         {Status: 408, Title: "Request timeout", Detail: "The body did not arrive in time."},
		ingest.KindMalformed:       {Status: 400, Title: "Malformed request", Detail: "The body is incomplete or its framing is broken."},
		ingest.KindUnauthorized:    {Status: 401, Title: "Unauthorized", Detail: "The request is not authenticated, or its signature is not valid."},
		ingest.KindHeadersTooLarge: {Status: 431, Title: "Header fields too large", Detail: "The request's header fields are larger than can be kept."},
		ingest.KindUnavailable:     {Status: 503, Title: "Unavailable", Detail: "The event was not accepted. Try again after the time in the Retry-After header."},
		ingest.KindInternal:        {Status: 500, Title: "Internal error", Detail: "The event was not accepted. Try again later."},
	}
	for kind, p := range problems {
		p.Type = ProblemBase + string(kind)
		problems[kind] = p
	}
	return problems
}

// rendered is a problem that is ready to be written.
type rendered struct {
	status int
	body   []byte
}

func render(problems map[ingest.Kind]Problem) map[ingest.Kind]rendered {
	out := make(map[ingest.Kind]rendered, len(problems))
	for kind, p := range problems {
		out[kind] = p.render()
	}
	return out
}

func (p Problem) render() rendered {
	body, err := json.Marshal(p)
	if err != nil {
		panic("httpapi: " + err.Error()) // strings and integers always marshal
	}
	return rendered{p.Status, append(body, '\n')}
}

// tooLarge is the problem of a body that is larger than the refusal's limit.
func tooLarge(r *ingest.Refusal) rendered {
	p := Problems()[ingest.KindTooLarge]
	p.Limit, p.Detail = r.Limit, fmt.Sprintf("This source takes bodies of at most %d bytes.", r.Limit)
	if r.Compressed {
		p.Detail = fmt.Sprintf("The body is larger than %d bytes even after its compression. No message can carry it.", r.Limit)
	}
	return p.render()
}

// refuse answers as the sender's provider wants it, and else with the problem of the refusal.
func (f *face) refuse(w http.ResponseWriter, refusal *ingest.Refusal) {
	if refusal.Answer == nil {
		f.writeProblem(w, refusal)
		return
	}
	w.Header().Set("WWW-Authenticate", challenge)
	writeAnswer(w, refusal.Answer)
}

// challenge is the value of WWW-Authenticate, which RFC 9110, section 15.5.2, wants. It says nothing.
const challenge = "Webhook"

// writeProblem answers with the problem of the refusal.
func (f *face) writeProblem(w http.ResponseWriter, refusal *ingest.Refusal) {
	problem, known := f.problems[refusal.Kind]
	if !known {
		problem = f.problems[ingest.KindInternal]
	}
	if refusal.Limit > 0 {
		problem = tooLarge(refusal)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(problem.body)))
	if refusal.RetryAfter > 0 {
		h.Set("Retry-After", seconds(refusal.RetryAfter))
	}
	switch problem.status {
	case http.StatusMethodNotAllowed:
		h.Set("Allow", strings.Join(refusal.Allow, ", ")) // RFC 9110, section 15.5.6
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", challenge)
	case http.StatusRequestTimeout:
		h.Set("Connection", "close") // RFC 9110, section 15.5.9
	}
	w.WriteHeader(problem.status)
	_, _ = w.Write(problem.body) // the sender has gone: nothing to do
}

// seconds writes a wait as whole seconds, rounded up, as Retry-After wants it.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64(math.Ceil(d.Seconds())), 10)
}

// refusalOf returns the refusal that err is, or that stands for it.
func refusalOf(err error) *ingest.Refusal {
	if r, ok := errors.AsType[*ingest.Refusal](err); ok {
		return r
	}
	return &ingest.Refusal{Kind: ingest.KindInternal, Reason: string(ingest.KindInternal), Cause: err}
}
