package telemetry_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/pkg/telemetry"
)

func ExampleLogger() {
	log, err := telemetry.Logger(os.Stdout, "info", "json")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("debug lines:", log.Core().Enabled(zap.DebugLevel))

	_, err = telemetry.Logger(os.Stdout, "loud", "json")
	fmt.Println(err)
	// Output:
	// debug lines: false
	// log level "loud": use debug, info, warn or error
}

// What is counted stands on the page for Prometheus.
func ExampleStart() {
	ctx := context.Background()
	tel, err := telemetry.Start(ctx, "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	instrument.From(tel.Meter).Counter("penstock.received").Add(ctx, 7)

	page := httptest.NewRecorder()
	tel.Metrics.ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	for line := range strings.Lines(page.Body.String()) {
		if strings.HasPrefix(line, "penstock_received") {
			fmt.Print(line)
		}
	}
	if err := tel.Close(ctx); err != nil {
		fmt.Println(err)
	}
	// Output: penstock_received_total 7
}
