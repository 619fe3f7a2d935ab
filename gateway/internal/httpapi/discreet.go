package httpapi

import (
	"context"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// discreet makes spans without what a sender put into the request's line and header:
// otelhttp notes the path, the User-Agent and X-Forwarded-For, and senders put secrets
// into any of them.
type discreet struct{ trace.TracerProvider }

func (d discreet) Tracer(name string, o ...trace.TracerOption) trace.Tracer {
	return discreetTracer{d.TracerProvider.Tracer(name, o...)}
}

type discreetTracer struct{ trace.Tracer }

func (t discreetTracer) Start(ctx context.Context, name string, o ...trace.SpanStartOption) (context.Context, trace.Span) {
	c := trace.NewSpanStartConfig(o...)
	options := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithLinks(c.Links()...),
		trace.WithAttributes(slices.DeleteFunc(slices.Clone(c.Attributes()), tells)...),
	}
	if c.NewRoot() {
		options = append(options, trace.WithNewRoot())
	}
	return t.Tracer.Start(ctx, name, options...) //nolint:spancheck // otelhttp ends it
}

// tells reports whether an attribute may hold what a sender chose. What stays are
// closed sets, and the addresses of the connection.
func tells(a attribute.KeyValue) bool {
	switch a.Key {
	case semconv.HTTPRequestMethodKey, semconv.URLSchemeKey, semconv.ServerPortKey,
		semconv.NetworkPeerAddressKey, semconv.NetworkPeerPortKey,
		semconv.NetworkProtocolNameKey, semconv.NetworkProtocolVersionKey:
		return false
	default:
		return true
	}
}
