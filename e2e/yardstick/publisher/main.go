// Publisher publishes confirmed messages of 1 KiB to a queue as fast as the broker
// takes them, for some seconds, and prints how many those were: what the broker and
// the client library can do together, without any gateway. It is a yardstick of
// `make bench`.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

func main() {
	url := flag.String("url", "", "the broker's URL")
	queue := flag.String("queue", "", "the queue")
	lasts := flag.Duration("for", 4*time.Second, "how long")
	connections := flag.Int("connections", 4, "how many connections")
	window := flag.Int("window", 64, "unconfirmed messages per connection")
	flag.Parse()

	ctx, cancel := context.WithTimeout(context.Background(), *lasts)
	defer cancel()
	var confirmed atomic.Int64
	var all sync.WaitGroup
	for range *connections {
		ch := open(*url)
		for range *window {
			all.Go(func() { publish(ctx, ch, *queue, &confirmed) })
		}
	}
	all.Wait()
	_, _ = fmt.Fprintln(os.Stdout, confirmed.Load())
}

func publish(ctx context.Context, ch *amqp.Channel, queue string, confirmed *atomic.Int64) {
	body := make([]byte, 1024)
	for ctx.Err() == nil {
		confirm, err := ch.PublishWithDeferredConfirm("", queue, false, false, amqp.Publishing{DeliveryMode: amqp.Persistent, Body: body})
		if err != nil {
			log.Fatal(err)
		}
		if !confirm.Wait() {
			log.Fatal("not confirmed")
		}
		confirmed.Add(1)
	}
}

func open(url string) *amqp.Channel {
	conn, err := amqp.Dial(url)
	if err != nil {
		log.Fatal(err)
	}
	ch, err := conn.Channel()
	if err != nil {
		log.Fatal(err)
	}
	if err := ch.Confirm(false); err != nil {
		log.Fatal(err)
	}
	return ch
}
