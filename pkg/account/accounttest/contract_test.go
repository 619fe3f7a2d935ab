package accounttest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/pkg/account/accounttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	gitHook   = "/repos/acme/shop/hooks/1"
	payEvents = "/v1/notifications/webhooks-events"
)

// describe reads what a provider publishes of its API.
func describe(t *testing.T, file string) routers.Router {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile(file)
	require.NoError(t, err)
	router, err := legacy.NewRouter(doc)
	require.NoError(t, err)
	return router
}

// check requires that an answer is as the description has it.
func check(t *testing.T, router routers.Router, req *http.Request, status int, header http.Header, body string) error {
	t.Helper()
	route, parameters, err := router.FindRoute(req)
	require.NoError(t, err, req.URL.Path)
	return openapi3filter.ValidateResponse(context.WithoutCancel(t.Context()), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: parameters, Route: route},
		Status:                 status, Header: header, Body: io.NopCloser(strings.NewReader(body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
}

func TestTheFakesAnswerAsTheirProvidersDescribeIt(t *testing.T) {
	t.Parallel()
	options := accounttest.Options{Token: "t", Deliver: func(accounttest.Delivery) int { return http.StatusOK }}
	hub, pay := accounttest.NewGitHub(options), accounttest.NewPayPal(options)
	hub.Happen("push")
	id := pay.Happen("PAYMENT.SALE.COMPLETED")
	for file, test := range map[string]struct {
		http.Handler

		requests []string
	}{
		"testdata/github.json": {hub, []string{"GET " + gitHook, "GET " + gitHook + "/deliveries", "GET " + gitHook + "/deliveries/1000", "POST " + gitHook + "/deliveries/1000/attempts"}},
		"testdata/paypal.json": {pay, []string{"GET /v1/notifications/webhooks/WH1", "GET " + payEvents, "GET " + payEvents + "/" + id, "POST " + payEvents + "/" + id + "/resend"}},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			router := describe(t, file)
			for _, one := range test.requests {
				method, path, _ := strings.Cut(one, " ")
				req := httptest.NewRequest(method, path, http.NoBody)
				req.Header.Set("Authorization", "Bearer t")
				answer := httptest.NewRecorder()
				test.ServeHTTP(answer, req)
				require.NoError(t, check(t, router, req, answer.Code, answer.Header(), answer.Body.String()), one)
				if method == http.MethodGet {
					require.Error(t, check(t, router, req, answer.Code, answer.Header(), `"another thing"`), one)
				}
			}
		})
	}
}
