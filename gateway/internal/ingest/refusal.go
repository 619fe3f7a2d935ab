package ingest

import "time"

// Kind is what a refusal means to the sender. The HTTP face has one status and
// one problem type for each.
type Kind string

// The kinds. Their texts are part of the problem type URIs and never change.
const (
	KindUnknownSource   Kind = "unknown-source"
	KindMethod          Kind = "method-not-allowed"
	KindAddress         Kind = "address-not-allowed"
	KindRateLimited     Kind = "rate-limited"
	KindTooLarge        Kind = "too-large"
	KindContentType     Kind = "unsupported-content-type"
	KindOverloaded      Kind = "overloaded"
	KindTimeout         Kind = "request-timeout"
	KindMalformed       Kind = "malformed-request"
	KindUnauthorized    Kind = "unauthorized"
	KindHeadersTooLarge Kind = "headers-too-large"
	KindUnavailable     Kind = "unavailable"
	KindInternal        Kind = "internal-error"
)

// Refusal is why a request was not accepted. Its Kind and the fields that become
// header fields are for the sender; its Reason is for operators only.
type Refusal struct {
	Kind       Kind
	Reason     string        // finer than Kind, from a small closed set; labels the metric
	RetryAfter time.Duration // when a retry can help; zero when the sender is told nothing
	Allow      []string      // with KindMethod: the methods that the source takes
	Limit      int64         // with KindTooLarge: the largest body, in bytes; zero: not known
	Compressed bool          // with Limit: of the compressed body
	Cause      error         // for the log; may be nil
	Answer     *Answer       // the provider's own form of it; nil: problem details
}

// Error returns the kind and the reason, and nothing that the sender sent.
func (r *Refusal) Error() string {
	if r.Reason == string(r.Kind) {
		return "refused: " + r.Reason
	}
	return "refused: " + string(r.Kind) + ": " + r.Reason
}

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Cause }

// refuse makes a refusal whose reason is its kind.
func refuse(k Kind) *Refusal { return &Refusal{Kind: k, Reason: string(k)} }

// because makes a refusal with a reason and a cause.
func because(k Kind, reason string, cause error) *Refusal {
	return &Refusal{Kind: k, Reason: reason, Cause: cause}
}

// tooLarge refuses a body that is larger than the limit, in bytes.
func tooLarge(limit int64) *Refusal {
	return &Refusal{Kind: KindTooLarge, Reason: string(KindTooLarge), Limit: limit}
}
