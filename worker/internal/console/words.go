package console

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/worker/internal/store"
)

// explanations are the reasons as a sentence for people.
var explanations = map[fault.Reason]string{
	fault.ReasonTimeout:       "the destination did not answer in time",
	fault.ReasonConnection:    "no connection to the destination, or it broke",
	fault.ReasonDNS:           "the destination's name did not resolve",
	fault.ReasonTLS:           "the TLS handshake with the destination failed",
	fault.ReasonForbidden:     "the address guard refused the destination",
	fault.ReasonToken:         "the token endpoint of the destination gave no access token",
	fault.ReasonThrottled:     "the destination asked to slow down",
	fault.ReasonServerError:   "the destination had an error",
	fault.ReasonRejected:      "the destination refused it for good",
	fault.ReasonGone:          "the destination says that it is gone",
	fault.ReasonRedirect:      "the destination redirected, which is not followed",
	fault.ReasonHandler:       "the handler returned an error",
	fault.ReasonPanic:         "the handler panicked",
	fault.ReasonMaxAttempts:   "all attempts are used up",
	fault.ReasonMaxAge:        "it is older than the route tries",
	fault.ReasonDeliveryLimit: "the broker returned it too often: a deliverer may crash on it",
	fault.ReasonFilter:        "the route's filter failed on it",
	fault.ReasonTransform:     "the route's transformation failed on it",
	fault.ReasonRequest:       "a template of the destination's request failed on it",
	fault.ReasonUnreadable:    "a rule of the route needs the body, which cannot be read",
	fault.ReasonOrdering:      "the route's ordering key failed on it",
	fault.ReasonMalformed:     "the message is not one of Penstock's",
	fault.ReasonUnroutable:    "no queue took it",
	fault.ReasonOperator:      "a person asked for it",
	fault.ReasonRepeated:      "its sender sent it again",
	fault.ReasonInternal:      "a fault of Penstock's own",
}

// explain returns the sentence, or the reason itself when it is a newer one.
func explain(r fault.Reason) string {
	if text, ok := explanations[r]; ok {
		return text
	}
	return strings.ReplaceAll(string(r), "-", " ")
}

// happened says what a record means.
func happened(p store.Past) string {
	switch p.Kind {
	case "delivered":
		return "Delivered"
	case "retrying":
		return "Attempt failed"
	case "postponed":
		return "Put off untried"
	case "attempted":
		return "Attempt without a decision"
	case "dead":
		return "Given up"
	case "filtered":
		return "Filtered out"
	case "replayed":
		return "Replayed"
	case "discarded":
		return "Discarded"
	case "cancelled":
		return "Cancelled"
	default:
		return string(p.Kind)
	}
}

// ago writes a time relative to now, in the past or in the future.
func ago(t, now time.Time) string {
	d := now.Sub(t)
	if d < 0 {
		return "in " + length(-d)
	}
	if d < 2*time.Second {
		return "just now"
	}
	return length(d) + " ago"
}

// length writes a duration in its largest unit.
func length(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	default:
		return fmt.Sprintf("%d d", d/(24*time.Hour))
	}
}

// took writes how long an attempt took.
func took(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// sizeOf writes a size in bytes.
func sizeOf(n int) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	default:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
}

// count writes a number with a thin space between thousands.
func count(n int64) string {
	text := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, text = "−", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "\u202f" + text[i:]
	}
	return sign + text
}

// rate writes a number of things a minute.
func rate(f float64) string {
	switch {
	case f == 0:
		return "0"
	case f < 10:
		return fmt.Sprintf("%.1f", f)
	default:
		return count(int64(f + 0.5))
	}
}

// number1 writes a number with one digit after the point.
func number1(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

// percent writes a share so that nothing less than all reads as 100.
func percent(f float64) string {
	switch {
	case f < 0:
		return "–"
	case f == 100:
		return "100 %"
	case f > 99.9:
		return "99.9 %"
	default:
		return fmt.Sprintf("%.1f %%", f)
	}
}
