package event_test

import (
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/event"
)

// What a gateway publishes, and what whoever consumes a route's queue makes of it.
func Example() {
	message, err := event.Encode(&event.Event{
		ID:         event.NewID(),
		Source:     "shop",
		Type:       event.CleanType("Invoice Paid"),
		ReceivedAt: time.Now(),
		Request:    event.Request{Method: "POST", Path: "/in/shop"},
		Body:       []byte(`{"amount": 7}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(message.Type, message.Text(event.HeaderSource), message.Int(event.HeaderFormat))

	e, err := event.Decode(message)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Source, e.Type, string(e.Body))
	// Output:
	// Invoice_Paid shop 1
	// shop Invoice_Paid {"amount": 7}
}

// A type becomes a part of a routing key, whatever the provider calls it.
func ExampleCleanType() {
	fmt.Println(event.CleanType("order created #7"))
	fmt.Println(event.CleanType(""))
	// Output:
	// order_created__7
	// untyped
}
