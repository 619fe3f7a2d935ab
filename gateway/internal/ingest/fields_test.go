package ingest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/ingest"
)

func TestTooManyFieldLinesAreRefusedBeforeTheBody(t *testing.T) {
	t.Parallel()
	b := setup(t, "  open: {open: true}")
	lines := func(n int) *ingest.Request {
		r := request("open", "{}")
		for range n {
			r.HTTP.Header.Add("A", "b")
		}
		return r
	}
	b.accepted(t, lines(ingest.MaxFields))
	refusal := b.refused(t, lines(ingest.MaxFields+1))
	require.Equal(t, ingest.KindHeadersTooLarge, refusal.Kind)
	require.Equal(t, "too-many-fields", refusal.Reason)
	require.Zero(t, b.limits.Bytes.Used())
}
