package e2e

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	tracing "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// span is what a process exported, with ids in hexadecimal.
type span struct {
	process           string // the name of the service
	name              string
	kind              tracing.Span_SpanKind
	trace, id, parent string
	links             []string // ids of spans, each after its trace's and a slash
	attributes        map[string]string
	start             uint64
}

// collector takes what processes export over OTLP, as an OpenTelemetry collector does.
type collector struct {
	t      *testing.T
	server *httptest.Server

	mu    sync.Mutex
	raw   map[string][]byte // everything that came, by its path
	spans []span
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{t: t, raw: map[string][]byte{}}
	c.server = httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(c.server.Close)
	return c
}

// collect lets the processes that start from now on export to a collector.
func (s *stack) collect() *collector {
	s.t.Helper()
	c := newCollector(s.t)
	s.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = c.server.URL
	s.env["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf"
	s.env["OTEL_BSP_SCHEDULE_DELAY"] = "100"
	s.env["OTEL_METRIC_EXPORT_INTERVAL"] = "500"
	return c
}

func (c *collector) serve(w http.ResponseWriter, req *http.Request) {
	body, err := exported(req)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw[req.URL.Path] = append(c.raw[req.URL.Path], body...)
	if req.URL.Path == "/v1/traces" {
		c.take(body)
	}
}

func exported(req *http.Request) ([]byte, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil || req.Header.Get("Content-Encoding") != "gzip" {
		return body, err
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unpacked)
}

func (c *collector) take(body []byte) {
	var request collectortrace.ExportTraceServiceRequest
	if err := proto.Unmarshal(body, &request); err != nil {
		c.t.Errorf("a process exports what is no trace: %v", err)
	}
	for _, resource := range request.GetResourceSpans() {
		process := texts(resource.GetResource().GetAttributes())["service.name"]
		for _, scope := range resource.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				c.spans = append(c.spans, spanOf(process, s))
			}
		}
	}
}

func spanOf(process string, s *tracing.Span) span {
	out := span{
		process: process, name: s.GetName(), kind: s.GetKind(), attributes: texts(s.GetAttributes()), start: s.GetStartTimeUnixNano(),
		trace: hex.EncodeToString(s.GetTraceId()), id: hex.EncodeToString(s.GetSpanId()), parent: hex.EncodeToString(s.GetParentSpanId()),
	}
	for _, l := range s.GetLinks() {
		out.links = append(out.links, hex.EncodeToString(l.GetTraceId())+"/"+hex.EncodeToString(l.GetSpanId()))
	}
	return out
}

func texts(attributes []*common.KeyValue) map[string]string {
	all := map[string]string{}
	for _, kv := range attributes {
		all[kv.GetKey()] = kv.GetValue().GetStringValue()
		if n, is := kv.GetValue().GetValue().(*common.AnyValue_IntValue); is {
			all[kv.GetKey()] = strconv.FormatInt(n.IntValue, 10)
		}
	}
	return all
}

// named returns the spans of that name, in the order of their beginnings.
func (c *collector) named(name string) []span {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := slices.DeleteFunc(slices.Clone(c.spans), func(s span) bool { return s.name != name })
	slices.SortFunc(found, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	return found
}

// await waits for the n-th span of that name, and returns all of them.
func (c *collector) await(name string, n int) []span {
	c.t.Helper()
	require.Eventually(c.t, func() bool { return len(c.named(name)) >= n }, 60*time.Second, 50*time.Millisecond, "%d spans %q", n, name)
	return c.named(name)
}

// everything is all that came to a path, as text.
func (c *collector) everything(path string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.raw[path])
}
