package config

import "github.com/penstock/penstock/pkg/retry"

// OnPermanent is what a route does with an event that its destination refused for good.
type OnPermanent string

// The ways to treat a permanent failure.
const (
	DeadLetter OnPermanent = "dead-letter" // give up at once; the default
	TryAgain   OnPermanent = "retry"       // treat it like any other failure
)

// Route says which events go to which destination, and how often that is tried.
// Each route has a work queue of its own.
type Route struct {
	// The route's name: its key in the file.
	Name string `yaml:"-"`
	// The sources whose events the route takes.
	From []string `yaml:"from"`
	// Topic patterns over the event's type: words between dots, * for one word and # for any number
	// of them, as in invoice.*; in a word with slashes also for what is between them, as in orders/*. An
	// event that one of them matches is taken. All types when it is left out.
	Types []string `yaml:"types"`
	// A CEL expression over source, type, headers, query, body and form. Events that it is false for are not
	// delivered. None when it is left out.
	Filter string `yaml:"filter"`
	// Makes the body that is delivered from the one that was received: a jq program as text, or
	// {jq: …}, or {cel: …}. The body is delivered as it was received when it is left out.
	Transform Transform `yaml:"transform"`
	// Delivers events with the same key one at a time and in order. Events are delivered side by side,
	// and each retried on its own, when it is left out.
	Ordering *Ordering `yaml:"ordering"`
	// The destination that the events go to.
	To string `yaml:"to"`
	// How long after its acceptance an event gets its first attempt, 1s to 12d. At once when it is left
	// out. A replay does not wait.
	Delay Duration `yaml:"delay"`
	// When and how often a failed attempt is repeated.
	Retry Retry `yaml:"retry"`
	// What happens to an event that the destination refuses for good, with a status of 4xx other than
	// 408, 425 and 429, or of 3xx. Not together with retryOn, which names the statuses.
	OnPermanent OnPermanent `yaml:"onPermanent"`
}

// Transform is what makes the body that is delivered: one of two languages, or neither.
type Transform struct {
	// A jq program. It is given the parsed JSON, and $source, $type, $headers and $form.
	JQ string `yaml:"jq"`
	// A CEL expression over source, type, headers, query, body and form, such as {"id": body.id}.
	CEL string `yaml:"cel"`
}

// UnmarshalText reads a jq program.
func (t *Transform) UnmarshalText(text []byte) error {
	t.JQ = string(text)
	return nil
}

// IsZero reports whether bodies are delivered as they are.
func (t Transform) IsZero() bool { return t == Transform{} }

// Ordering is how a route keeps events in order. It is fixed with the route's name: another
// number of partitions needs a route with another name.
type Ordering struct {
	// A CEL expression over source, type, headers, query, body and form: the text or number that events which belong
	// together have in common. An event for which it is null or an absent optional, as in
	// body.?order_id, is not ordered; one that it fails on becomes a dead letter.
	Key string `yaml:"key"`
	// How many queues the keys are spread over, 1 to 64: so many processes can share the work.
	Partitions int `yaml:"partitions"`
}

// Partitions is how many partitions the route has; 0 without ordering.
func (r *Route) Partitions() int {
	if r.Ordering == nil {
		return 0
	}
	return r.Ordering.Partitions
}

// Retry is a route's policy after a failed attempt: exponential backoff with jitter, or a schedule.
type Retry struct {
	// The HTTP statuses that an event is tried again after: statuses, ranges, and exceptions, such as
	// [408, 429, 500-599, "!503"]. Any other one is final. Exceptions alone are taken out of 408, 425, 429 and
	// 5xx, which are meant when it is left out. A failure without an answer, such as a timeout, is
	// always tried again.
	RetryOn []retry.Statuses `yaml:"retryOn"`
	// Instead of initial, factor, max and maxAttempts: the wait after each attempt, such as [5s, 1m, 1h], at
	// most 100 of 1s to 12d. The waits are exact unless jitter is there. After the last one there is a
	// last attempt. There is no maxAge then unless it is there.
	Schedule []Duration `yaml:"schedule"`
	// The wait after the first attempt, at least 1s.
	Initial Duration `yaml:"initial"`
	// What the wait is multiplied by after each further attempt, 1 to 100.
	Factor float64 `yaml:"factor"`
	// By which share of itself a wait is made longer or shorter at random, 0 to 1.
	Jitter float64 `yaml:"jitter"`
	// The longest wait, at most 12d.
	Max Duration `yaml:"max"`
	// How many attempts are made, the first one included.
	MaxAttempts int `yaml:"maxAttempts"`
	// How old an event may become, counted from its acceptance. An older one is not tried again.
	MaxAge Duration `yaml:"maxAge"`
}

// Bindings returns the topic patterns, "<source>.<type pattern>", that bind the
// route's queue to the events: one for each pair of From and Types.
func (r *Route) Bindings() []string {
	bindings := make([]string, 0, len(r.From)*len(r.Types))
	for _, source := range r.From {
		for _, pattern := range r.Types {
			bindings = append(bindings, source+"."+pattern)
		}
	}
	return bindings
}
