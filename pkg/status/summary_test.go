package status_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
)

func TestASummarySaysInOneLineWhyAnAttemptFailed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer, text, want string
	}{
		"the answer":            {"NullPointerException: order.customer is null\n\tat Billing.java:42", "destination answered 422", "NullPointerException: order.customer is null at Billing.java:42"},
		"JSON":                  {`{"error": "no such customer"}`, "", `{"error": "no such customer"}`},
		"a page":                {"<html>\r\n<head><title>502 Bad Gateway</title></head>", "", "502 Bad Gateway"},
		"no answer":             {"", "no such key: amount", "no such key: amount"},
		"an answer of no text":  {"\x1f\x8b\x08", "destination answered 500", "destination answered 500"},
		"one cut in a rune":     {"zu spät"[:6], "", "zu sp"},
		"characters that steer": {"a\x1b[31mb\u202ec", "", "a[31mbc"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := status.Record{Reason: fault.ReasonRejected, Answer: []byte(tt.answer), Error: tt.text}
			require.Equal(t, tt.want, r.Summary())
		})
	}
	long := (&status.Record{Reason: fault.ReasonRejected, Answer: []byte(strings.Repeat("é", 2000))}).Summary()
	require.LessOrEqual(t, len(long), 255)
	require.True(t, strings.HasSuffix(long, "é…"))
	require.Empty(t, (&status.Record{Answer: []byte("ok")}).Summary(), "it did not fail")
}
