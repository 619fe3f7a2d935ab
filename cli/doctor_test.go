package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// TestDoctorScripts looks at a real broker with `penstock doctor`, see testdata/doctor.
func TestDoctorScripts(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	restricted := vhost.Restricted(t, "", `^penstock\.(routes|unrouted|refused)$`, ``)
	full, streamless := amqptest.New(t), amqptest.New(t)
	full.LimitConnections(t, 0)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/doctor",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "1")
			e.Setenv("PENSTOCK_AMQP_URLS", vhost.URL)
			e.Setenv("MANAGEMENT", vhost.Management)
			e.Setenv("RESTRICTED", restricted)
			e.Setenv("FULL", full.URL)
			e.Setenv("STREAMLESS", streamless.URL)
			tracker := httptest.NewServer(http.HandlerFunc(welcome)) // whatever this machine runs
			e.Defer(tracker.Close)
			e.Setenv("PENSTOCK_API_URL", tracker.URL)
			return nil
		},
	})
}

// welcome answers as a tracker that accepts any token.
func welcome(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"name": "ops", "scopes": ["read"]}`)
}
