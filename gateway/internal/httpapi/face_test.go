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
	res := b.do(t, http.MethodPost, "/in/github", strings.NewReader("{}"))
	require.Equal(t, 200, res.status)
	require.Equal(t, "[accepted]", res.body)
	require.Equal(t, "text/plain", res.header.Get("Content-Type"))
	require.Equal(t, "yes", res.header.Get("X-Echo"))
	require.Equal(t, "e-1", res.header.Get(httpapi.HeaderEventID))
	require.Empty(t, res.header.Get(httpapi.HeaderDuplicate))
}

func TestAnAnswerToADuplicateSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(func(context.Context, *ingest.Request) (*ingest.Answer, error) {
		return &ingest.Answer{Status: 200, EventID: "e-1", Duplicate: true}, nil
	}))
	require.Equal(t, "true", b.do(t, http.MethodPost, "/in/github", strings.NewReader("{}")).header.Get(httpapi.HeaderDuplicate))
}

func TestAnAnswerWithoutABodyHasNoLengthWhereItMayNot(t *testing.T) {
	t.Parallel()
	for status, length := range map[int]string{200: "0", 204: ""} {
		b := setup(t, pipeline(func(context.Context, *ingest.Request) (*ingest.Answer, error) {
			return &ingest.Answer{Status: status, EventID: "e-1"}, nil
		}), clearText)
		res := b.raw(t, "POST /in/a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}")
		require.Equal(t, status, res.status)
		require.Equal(t, length, res.header.Get("Content-Length"))
	}
}

func TestEachRefusalHasItsProblem(t *testing.T) {
	t.Parallel()
	var refusal *ingest.Refusal
	b := setup(t, pipeline(func(context.Context, *ingest.Request) (*ingest.Answer, error) { return nil, refusal }))
	for kind, problem := range httpapi.Problems() {
		refusal = &ingest.Refusal{Kind: kind, Reason: "inner-reason", RetryAfter: 1200 * time.Millisecond, Allow: []string{"GET", "POST"}}
		res := b.do(t, http.MethodPost, "/in/any", strings.NewReader("{}"))
		requireProblem(t, kind, res)
		require.NotContains(t, res.body, "inner-reason")
		require.Equal(t, "2", res.header.Get("Retry-After"), "rounded up")
		require.Equal(t, problem.Status == 405, res.header.Get("Allow") == "GET, POST")
		require.Equal(t, problem.Status == 401, res.header.Get("WWW-Authenticate") != "")
		require.Empty(t, res.header.Get(httpapi.HeaderEventID))
	}
	refusal = &ingest.Refusal{Kind: "nobody knows this kind"}
	res := b.do(t, http.MethodPost, "/in/any", strings.NewReader("{}"))
	requireProblem(t, ingest.KindInternal, res)
	require.Empty(t, res.header.Get("Retry-After"))
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
		res := b.do(t, http.MethodPost, path, http.NoBody)
		requireProblem(t, kind, res)
	}
}

func TestTheSourceDecidesAboutEveryMethod(t *testing.T) {
	t.Parallel()
	p, _ := sources(t, "open: {open: true}")
	b := setup(t, p)
	for _, method := range []string{"GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PURGE", "PROPFIND", "QUERY"} {
		res := b.do(t, method, "/in/open", http.NoBody)
		requireProblem(t, ingest.KindMethod, res)
		require.Equal(t, "POST", res.header.Get("Allow"))
		res = b.do(t, method, "/in/unknown", http.NoBody)
		requireProblem(t, ingest.KindUnknownSource, res)
	}
	res := b.do(t, http.MethodHead, "/in/open", http.NoBody)
	require.Equal(t, http.StatusMethodNotAllowed, res.status)
	require.Empty(t, res.body)
}

func TestAPanicAnswers500AndNothingOfItsCause(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(func(context.Context, *ingest.Request) (*ingest.Answer, error) { panic("payload") }), quietLog)
	res := b.do(t, http.MethodPost, "/in/any", strings.NewReader("{}"))
	requireProblem(t, ingest.KindInternal, res)
	require.NotContains(t, res.body, "payload")
}
