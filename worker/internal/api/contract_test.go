package api_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/require"
)

// contract finds what the document says of a request.
var contract = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	return legacy.NewRouter(doc, openapi3.DisableExamplesValidation())
})

// keeps reads an answer and compares it with the document: its status, its type and its
// body. Every answer that a test reads goes through here.
func (b *bench) keeps(answer *http.Response) []byte {
	b.t.Helper()
	body, err := io.ReadAll(answer.Body)
	require.NoError(b.t, err)
	if !strings.HasPrefix(answer.Request.URL.Path, "/api/v1/") {
		return body
	}
	router, err := contract()
	require.NoError(b.t, err)
	asked := answer.Request.Clone(context.Background())
	asked.URL.Scheme, asked.URL.Host = "", ""
	route, parameters, err := router.FindRoute(asked)
	if err != nil {
		require.Contains(b.t, []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusBadRequest}, answer.StatusCode, "not in the document: %s", asked.URL)
		return body
	}
	require.NoError(b.t, openapi3filter.ValidateResponse(b.t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: asked, PathParams: parameters, Route: route},
		Status:                 answer.StatusCode, Header: answer.Header, Body: io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}), "%s %s: %s", asked.Method, asked.URL, body)
	return body
}
