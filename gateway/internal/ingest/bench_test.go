package ingest_test

import (
	"context"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/fanout"
)

// confirmed confirms everything at once.
type confirmed struct{}

func (confirmed) Publish(context.Context, fanout.Event) error { return nil }

// BenchmarkServe is the gateway's own work on one verified event of 1 KiB, without
// HTTP and without a broker.
func BenchmarkServe(b *testing.B) {
	benchmarkServe(b, setupFor(b, githubSource, confirmed{}))
}

func benchmarkServe(b *testing.B, p *bundle) {
	b.Helper()
	body := `{"action":"opened","padding":"` + strings.Repeat("x", 990) + `"}`
	r := github(body, "Content-Type", "application/json", "User-Agent", "GitHub-Hookshot/044aadd", "Accept", "*/*")
	reader := strings.NewReader(body)
	id := r.HTTP.Header["X-Github-Delivery"]
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		id[0] = strconv.Itoa(n) // no event is a duplicate: those are not published
		reader.Reset(body)
		r.HTTP.Body = io.NopCloser(reader)
		fresh := ingest.Request{Name: r.Name, HTTP: r.HTTP, Remote: r.Remote, Arrived: r.Arrived}
		_, err := p.Serve(b.Context(), &fresh)
		require.NoError(b, err)
	}
}
