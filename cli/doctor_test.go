package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// TestDoctorScripts looks at a real broker with `penstock doctor`, see testdata/doctor.
func TestDoctorScripts(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	restricted := vhost.Restricted(t, "", `^penstock\.(events|refused)$`, ``)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/doctor",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "1")
			e.Setenv("PENSTOCK_AMQP_URLS", vhost.URL)
			e.Setenv("MANAGEMENT", vhost.Management)
			e.Setenv("RESTRICTED", restricted)
			// Where no tracker is, whatever this machine runs.
			e.Setenv("NOWHERE", "http://127.0.0.1:1")
			return nil
		},
	})
}
