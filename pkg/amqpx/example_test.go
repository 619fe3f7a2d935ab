package amqpx_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
)

// Nothing needs to be up to make a publisher. Without a broker it says so at once.
func ExamplePublisher_Publish() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	publisher := amqpx.NewPublisher(amqpx.Config{URLs: []string{"amqp://127.0.0.1:1/"}}, amqpx.PublisherOptions{}, zap.NewNop())
	defer func() { _ = publisher.Close(ctx) }()

	err := publisher.Publish(ctx, amqpx.Publication{
		Exchange: "penstock.events",
		Key:      "github.push",
		Message:  &event.Message{ID: event.NewID(), Body: []byte(`{}`)},
	})
	switch {
	case err == nil:
		fmt.Println("durable")
	case errors.Is(err, amqpx.ErrUnavailable):
		fmt.Println("not sent: answer 503")
	case errors.Is(err, amqpx.ErrUnknown):
		fmt.Println("perhaps there: answer 503, and expect a duplicate")
	default:
		fmt.Println("refused:", err)
	}
	// Output: not sent: answer 503
}

func ExampleConsumer_Subscribe() {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	consumer := amqpx.NewConsumer(amqpx.Config{URLs: []string{"amqp://127.0.0.1:1/"}}, zap.NewNop())
	defer func() { _ = consumer.Close(context.Background()) }()

	err := consumer.Subscribe(amqpx.Subscription{
		Queue:    "penstock.route.invoices",
		Prefetch: 16,
		Handle: func(_ context.Context, d *amqpx.Delivery) {
			// Make what comes of it safe first, and settle then.
			if err := d.Ack(); err != nil {
				fmt.Println("it will come again:", err)
			}
		},
	}).Run(ctx)
	fmt.Println("drained:", err)
	// Output: drained: <nil>
}

func ExampleConfig_Validate() {
	err := amqpx.Config{URLs: []string{"http://user:secret@broker/"}, CertFile: "tls.crt"}.Validate()
	fmt.Println(err)
	// Output:
	// AMQP URL 1: the scheme is neither amqp nor amqps
	// a client certificate and its key come together
}
