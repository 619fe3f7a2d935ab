package consume_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

var errNoInvoice = errors.New("no such invoice")

// bill stands for what a team does with an invoice.
func bill(_ context.Context, body []byte) error {
	if len(body) == 0 {
		return errNoInvoice
	}
	return nil
}

// A team processes a route's events in a binary of its own.
func ExampleRun() { //nolint:testableexamples // it runs until it is stopped
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	handler := consume.HandlerFunc(func(ctx context.Context, e *event.Event) error {
		err := bill(ctx, e.Body)
		if errors.Is(err, errNoInvoice) {
			return fault.Permanent(err) // no use in trying again: dead letter
		}
		return err // nil: delivered; anything else: tried again later
	})

	broker := amqpx.Config{URLs: []string{"amqp://guest:guest@127.0.0.1:5672/"}, Name: "billing"}
	err := consume.Run(ctx, broker, consume.Options{
		Route:       "invoices",
		Handler:     handler,
		Concurrency: 8,
		Timeout:     30 * time.Second,
	})
	if err != nil {
		log.Print(err)
	}
}

// A middleware does something around every call of a handler.
func ExampleChain() {
	announced := func(next consume.Handler) consume.Handler {
		return consume.HandlerFunc(func(ctx context.Context, e *event.Event) error {
			fmt.Println("begin", e.Type)
			defer fmt.Println("end", e.Type)
			return next.Handle(ctx, e)
		})
	}
	handler := consume.Chain(consume.HandlerFunc(func(_ context.Context, e *event.Event) error {
		fmt.Println("handle", e.Type)
		return nil
	}), announced)

	_ = handler.Handle(context.Background(), &event.Event{Type: "invoice.paid"})
	// Output:
	// begin invoice.paid
	// handle invoice.paid
	// end invoice.paid
}

// A gate stops the consumption of its routes for a while.
func ExampleGate() {
	gate := new(consume.Gate)
	fmt.Println(gate.Closed() > 0)
	gate.Close(time.Now().Add(time.Minute))
	fmt.Println(gate.Closed() > 0)
	// Output:
	// false
	// true
}
