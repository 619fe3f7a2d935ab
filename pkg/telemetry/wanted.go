package telemetry

import (
	"os"
	"strings"
)

// wanted reports whether the standard variables ask to export a signal, TRACES or
// METRICS. Without any of them nothing is exported: the specification's default of a
// local collector would only fill the log of a process that has none. The exporter
// prometheus is always there, as a page of the admin listener.
//
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables
func wanted(signal string) bool {
	if strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") {
		return false
	}
	switch os.Getenv("OTEL_" + signal + "_EXPORTER") {
	case "none", "prometheus":
		return false
	case "":
		return os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || os.Getenv("OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT") != ""
	default:
		return true
	}
}
