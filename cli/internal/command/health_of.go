package command

import (
	"fmt"
	"time"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// healthText says how well deliveries go: ok, unless attempts fail.
func healthText(h *trackerclient.Health) string {
	if h == nil {
		return "ok"
	}
	switch h.State {
	case trackerclient.HealthStateFailing, trackerclient.HealthStateTroubled, trackerclient.HealthStatePaused:
		return string(h.State)
	case trackerclient.HealthStateNoDeliverer:
		return "no deliverer"
	default:
		return "ok"
	}
}

// success is the share of attempts that delivered.
func success(h *trackerclient.Health) string {
	if h == nil || h.SuccessRate == nil {
		return "-"
	}
	return fmt.Sprintf("%.0f %%", 100**h.SuccessRate)
}

// healthFields says the rest of it.
func (t *tracker) healthFields(h *trackerclient.Health) [][2]string {
	if h == nil {
		return nil
	}
	latency := ""
	if h.P50Ms != nil && h.P99Ms != nil {
		latency = fmt.Sprintf("%s median, %s for 99 of 100", milliseconds(*h.P50Ms), milliseconds(*h.P99Ms))
	}
	failure, text := "", ""
	if f := h.LastFailure; f != nil {
		reason := f.Reason
		failure = terminal.Ago(f.At, t.Now()) + ", " + why(&reason, nil, f.HttpStatus) + ", event " + f.Event
		text = or(f.Error, "")
	}
	return [][2]string{
		{"Success", fmt.Sprintf("%s of %s in a quarter of an hour", success(h), terminal.Plural(int(h.Attempts), "attempt"))},
		{"Latency", latency},
		{"Under way", fmt.Sprintf("%d of %d attempts", h.InUse, h.Limit)},
		{"Last failure", failure},
		{"Its error", text},
	}
}

func milliseconds(ms float64) string {
	return terminal.Span(time.Duration(ms * float64(time.Millisecond)).Round(time.Millisecond))
}
