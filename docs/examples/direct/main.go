// Command direct is an example: it consumes events from a queue of its own, as any
// program can that speaks AMQP 0-9-1, and needs nothing of Penstock for that.
//
// The queue gets its events from a destination with `exchange: ""` and
// `routingKey: inbox`. See docs/guides/consume-directly.md.
//
//	PENSTOCK_AMQP_URLS=amqp://guest:guest@127.0.0.1:5672/ go run ./docs/examples/direct
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/klauspost/compress/zstd"
	amqp "github.com/rabbitmq/amqp091-go"
)

func main() {
	count := flag.Int("count", 0, "stop after so many events; 0: go on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Getenv("PENSTOCK_AMQP_URLS"), *count, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

// run handles count events, or goes on until ctx is done.
func run(ctx context.Context, url string, count int, out io.Writer) error {
	connection, err := amqp.Dial(url)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer connection.Close() //nolint:errcheck // what is not acknowledged comes again
	channel, err := connection.Channel()
	if err != nil {
		return fmt.Errorf("open a channel: %w", err)
	}
	if err := declare(channel); err != nil {
		return err
	}
	events, err := channel.Consume("inbox", "", false, false, false, false, nil)
	if err != nil {
		return fmt.Errorf("consume: %w", err)
	}
	for n := 0; count == 0 || n < count; n++ {
		select {
		case <-ctx.Done():
			return nil
		case event, open := <-events:
			if !open {
				return errors.New("the broker ended the connection")
			}
			if err := settle(&event, handle(&event, out)); err != nil {
				return fmt.Errorf("settle: %w", err)
			}
		}
	}
	return nil
}

// declare makes the queue, and one for what cannot be handled. Both keep what they
// have on a majority of the broker's nodes.
func declare(channel *amqp.Channel) error {
	quorum := amqp.Table{"x-queue-type": "quorum"}
	if _, err := channel.QueueDeclare("inbox.dead", true, false, false, false, quorum); err != nil {
		return fmt.Errorf("declare inbox.dead: %w", err)
	}
	arguments := amqp.Table{
		"x-queue-type": "quorum", "x-delivery-limit": int64(20), "x-overflow": "reject-publish",
		"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "inbox.dead", "x-dead-letter-strategy": "at-least-once",
	}
	if _, err := channel.QueueDeclare("inbox", true, false, false, false, arguments); err != nil {
		return fmt.Errorf("declare inbox: %w", err)
	}
	if err := channel.Qos(32, 0, false); err != nil {
		return fmt.Errorf("set the prefetch: %w", err)
	}
	return nil
}

// errUnknown is a message that no retry can mend.
var errUnknown = errors.New("not in format 1")

// handle is the team's own part. An event may come twice: a real one remembers the
// ids of those that it has handled.
func handle(event *amqp.Delivery, out io.Writer) error {
	if fmt.Sprint(event.Headers["penstock-format"]) != "1" {
		return errUnknown
	}
	body, err := inflate(event)
	if err != nil {
		return err
	}
	var request struct {
		Path string `json:"path"`
	}
	text, _ := event.Headers["penstock-request"].(string)
	if err := json.Unmarshal([]byte(text), &request); err != nil {
		return errUnknown
	}
	if _, err := fmt.Fprintf(out, "%s from %v at %s: %s\n", event.Type, event.Headers["penstock-source"], request.Path, body); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// inflate returns the body as the sender sent it: a large one travels compressed.
func inflate(event *amqp.Delivery) ([]byte, error) {
	if event.ContentEncoding != "zstd" {
		return event.Body, nil
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return nil, fmt.Errorf("make a decoder: %w", err)
	}
	defer decoder.Close()
	body, err := decoder.DecodeAll(event.Body, nil)
	if err != nil {
		return nil, errUnknown
	}
	return body, nil
}

// settle acknowledges what was handled, and only that. What can never be handled goes
// to inbox.dead, and the rest comes again, up to twenty times.
func settle(event *amqp.Delivery, err error) error {
	switch {
	case err == nil:
		return event.Ack(false)
	case errors.Is(err, errUnknown):
		return event.Reject(false)
	default:
		return event.Reject(true)
	}
}
