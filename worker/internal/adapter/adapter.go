package adapter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
)

// Adapter asks the API of a provider for one account. It is safe for concurrent use. Its
// errors are of type *Error, or that of a context.
type Adapter interface {
	// List returns a page of what the provider says it sent, or tried to send, and where the
	// list goes on. A page may hold events that are not in the range.
	List(ctx context.Context, r Range) (Page, error)
	// Redeliver asks the provider to deliver an event again.
	Redeliver(ctx context.Context, s Sent) error
	// Fetch returns an event as the provider would deliver it, but for its signature.
	Fetch(ctx context.Context, s Sent) (Delivery, error)
	// Check returns what the credentials may do, and the subscription.
	Check(ctx context.Context) (Report, error)
	// Usage returns how much the API was used.
	Usage() Usage
}

// Range is the events that a list is about: those from From on, before To, by the provider's
// clock. Cursor is the Next of the page before; empty for the first one.
type Range struct {
	From, To time.Time
	Cursor   string
}

// Page is a part of a list.
type Page struct {
	Sent []Sent
	Next string    // empty: nothing of the range follows
	Now  time.Time // by the provider's clock; zero: it was not in the answer
}

// Sent is an event that the provider says it sent.
type Sent struct {
	ID       string    // of the event, as the preset knows it
	Ref      string    // by which the API knows the attempt to deliver it, or the event
	Type     string    // as the preset has it
	At       time.Time // when it was sent, by the provider's clock
	Answered bool      // the provider says that an attempt was answered 2xx
	Delivery *Delivery // where the list has whole events; else nil
}

// Delivery is a request as the provider would make it, without what signs it.
type Delivery struct {
	Header []event.Field
	Body   []byte
}

// Report is what an account may do.
type Report struct {
	Rights       []string  // what the provider says that the credentials may do; nil: it does not say
	MayAsk       *bool     // whether they may ask for a redelivery; nil: not known
	Expires      time.Time // when the credentials end; zero: never, or the provider does not say
	Subscription *Subscription
}

// Subscription is what the provider has been told to send, and where to.
type Subscription struct {
	URL     string    `json:"url"`
	Active  bool      `json:"active"`
	Types   []string  `json:"types"`            // as the provider names them; "*" is all
	Changed time.Time `json:"changed,omitzero"` // when it was last; zero: the provider does not say
	Secret  string    `json:"secret,omitempty"` // a print of what signs; empty: the provider does not show that
}

// printOf returns what is the same for the same secret, and says nothing of it.
func printOf(secret string) string {
	if secret == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("penstock subscription\x00" + secret))
	return hex.EncodeToString(sum[:8])
}

// Usage is how much of an API was used.
type Usage struct {
	Calls     int64     // since the adapter was made
	Limit     int64     // requests in a time; zero: not known
	Remaining int64     // of them
	Reset     time.Time // when they are given again
}

// New makes the adapter of an account. It fails when the provider is unknown, or a
// credential is not what the provider takes. Its requests go through transport, and now is the
// time.
func New(a *config.Account, transport http.RoundTripper, now func() time.Time) (Adapter, error) {
	maker, known := makers[a.Provider]
	if !known {
		return nil, fmt.Errorf("account %s: there is no adapter for the provider %q", a.Name, a.Provider)
	}
	client, err := newClient(a, transport, now)
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", a.Name, err)
	}
	adapter, err := maker(a, client)
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", a.Name, err)
	}
	return adapter, nil
}

// makers are the adapters by provider.
var makers = map[string]func(*config.Account, *client) (Adapter, error){
	"github": newGitHub,
	"gitlab": newGitLab,
	"paddle": newPaddle,
	"paypal": newPayPal,
	"square": newSquare,
	"stripe": newStripe,
}

// Providers returns the providers that there are adapters for, in no order.
func Providers() []string {
	names := make([]string, 0, len(makers))
	for name := range makers {
		names = append(names, name)
	}
	return names
}

// unable are the requests that the API of a provider does not take.
type unable struct{}

func (unable) Redeliver(context.Context, Sent) error {
	return &Error{Trouble: Gone, Err: errUnable}
}
