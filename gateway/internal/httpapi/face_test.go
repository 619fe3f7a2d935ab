package httpapi_test

import (
	"context"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/httpapi"
	"github.com/penstock/penstock/gateway/internal/ingest"
)

func TestAnAnswerIsSentAsItIs(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(func(_ context.Context, r *ingest.Request) (*ingest.Answer, error) {
		require.Equal(t, "github", r.Name)
		require.Equal(t, "127.0.0.1", r.Remote.String())
		return &ingest.Answer{
			Status: 200, ContentType: "text/plain", Header: map[string]string{"X-Echo": "yes"}, Body: []byte("[accepted]"), EventID: "e-1",
		}, nil
	}))
	res, body := b.do(t, http.MethodPost, "/in/github", strings.NewReader("{}"))
	require.Equal(t, 200, res.StatusCode)
	require.Equal(t, "[accepted]", body)
	require.Equal(t, "text/plain", res.Header.Get("Content-Type"))
	require.Equal(t, "yes", res.Header.Get("X-Echo"))
	require.Equal(t, "e-1", res.Header.Get(httpapi.HeaderEventID))
}

func TestAnAnswerWithoutABodyHasNoLengthWhereItMayNot(t *testing.T) {
	t.Parallel()
	for status, length := range map[int]string{200: "0", 204: ""} {
		b := setup(t, pipeline(func(context.Context, *ingest.Request) (*ingest.Answer, error) {
			return &ingest.Answer{Status: status, EventID: "e-1"}, nil
		}), clearText)
		res := b.raw(t, "POST /in/a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}")
		require.Equal(t, status, res.StatusCode)
		require.Equal(t, length, res.Header.Get("Content-Length"))
	}
}

func TestEachRefusalHasItsProblem(t *testing.T) {
	t.Parallel()
	var refusal *ingest.Refusal
	b := setup(t, pipeline(func(context.Context, *ingest.Request) (*ingest.Answer, error) { return nil, refusal }))
	for kind, problem := range httpapi.Problems() {
		refusal = &ingest.Refusal{Kind: kind, Reason: "inner-reason", RetryAfter: 1200 * time.Millisecond, Allow: []string{"GET", "POST"}}
		res, body := b.do(t, http.MethodPost, "/in/any", strings.NewReader("{}"))
		requireProblem(t, kind, res, body)
		require.NotContains(t, body, "inner-reason")
		require.Equal(t, "2", res.Header.Get("Retry-After"), "rounded up")
		require.Equal(t, problem.Status == 405, res.Header.Get("Allow") == "GET, POST")
		require.Equal(t, problem.Status == 401, res.Header.Get("WWW-Authenticate") != "")
		require.Empty(t, res.Header.Get(httpapi.HeaderEventID))
	}
	refusal = &ingest.Refusal{Kind: "nobody knows this kind"}
	res, body := b.do(t, http.MethodPost, "/in/any", strings.NewReader("{}"))
	requireProblem(t, ingest.KindInternal, res, body)
	require.Empty(t, res.Header.Get("Retry-After"))
}

func TestTheReferenceDescribesEveryProblem(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../docs/reference/problems.md")
	require.NoError(t, err)
	described := map[ingest.Kind]int{}
	for _, match := range regexp.MustCompile(`(?m)^## ([a-z-]+)\n\n\*\*(\d+)`).FindAllStringSubmatch(string(page), -1) {
		status, err := strconv.Atoi(match[2])
		require.NoError(t, err)
		described[ingest.Kind(match[1])] = status
	}
	served := map[ingest.Kind]int{}
	for kind, p := range httpapi.Problems() {
		require.Equal(t, httpapi.ProblemBase+string(kind), p.Type)
		served[kind] = p.Status
	}
	require.Equal(t, served, described)
}

func TestOtherPathsAreNotFound(t *testing.T) {
	t.Parallel()
	p, _ := sources(t, "open: {open: true}")
	b := setup(t, p)
	for path, kind := range map[string]ingest.Kind{
		"/": "not-found", "/in": "not-found", "/in/": "not-found", "/metrics": "not-found", "/healthz": "not-found", "/IN/open": "not-found",
		"/in/a": ingest.KindUnknownSource, "/in/open/": ingest.KindUnknownSource, "/in/open/b": ingest.KindUnknownSource,
	} {
		res, body := b.do(t, http.MethodPost, path, http.NoBody)
		requireProblem(t, kind, res, body)
	}
}

func TestTheSourceDecidesAboutEveryMethod(t *testing.T) {
	t.Parallel()
	p, _ := sources(t, "open: {open: true}")
	b := setup(t, p)
	for _, method := range []string{"GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PURGE", "PROPFIND", "QUERY"} {
		res, body := b.do(t, method, "/in/open", http.NoBody)
		requireProblem(t, ingest.KindMethod, res, body)
		require.Equal(t, "POST", res.Header.Get("Allow"))
		res, body = b.do(t, method, "/in/unknown", http.NoBody)
		requireProblem(t, ingest.KindUnknownSource, res, body)
	}
	res, body := b.do(t, http.MethodHead, "/in/open", http.NoBody)
	require.Equal(t, http.StatusMethodNotAllowed, res.StatusCode)
	require.Empty(t, body)
}

func TestAPanicAnswers500AndNothingOfItsCause(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(func(context.Context, *ingest.Request) (*ingest.Answer, error) { panic("payload") }), quietLog)
	res, body := b.do(t, http.MethodPost, "/in/any", strings.NewReader("{}"))
	requireProblem(t, ingest.KindInternal, res, body)
	require.NotContains(t, body, "payload")
}
