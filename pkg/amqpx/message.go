package amqpx

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/penstock/penstock/pkg/amqpx/internal/wire"
	"github.com/penstock/penstock/pkg/event"
)

// MaxBody is the largest body of a message, in bytes. RabbitMQ 4 closes the channel
// over one of more than 16 MiB (max_message_size), and with it fails everything that
// is in flight there, so a message is refused well before that.
const MaxBody = 15 << 20

// Broker headers start so. Sending x-death back makes RabbitMQ drop the message as
// a cycle, so these never leave, and never reach a Message.
const brokerHeader = "x-"

const (
	headerReturns = "x-delivery-count"
	headerOffset  = "x-stream-offset"
	headerDeath   = "x-death"
)

// maxShort is the size of AMQP's short string, in bytes.
const maxShort = 255

// publishing makes ready what is to be sent, and tells the size of its header in bytes, an
// upper bound. It fails with ErrInvalid.
func publishing(pub Publication) (wire.Publish, int, error) {
	m := pub.Message
	short := [...]string{pub.Exchange, pub.Key, m.ID, m.Type, m.AppID, m.ContentType, m.ContentEncoding}
	for _, s := range short {
		if len(s) > maxShort {
			return wire.Publish{}, 0, fmt.Errorf("%w: a name or property of %d bytes, at most %d", ErrInvalid, len(s), maxShort)
		}
	}
	if len(m.Body) > MaxBody {
		return wire.Publish{}, 0, fmt.Errorf("%w: body of %d bytes, at most %d", ErrInvalid, len(m.Body), MaxBody)
	}
	headers, size, err := sendable(m.Headers)
	if err != nil {
		return wire.Publish{}, 0, err
	}
	return wire.Publish{
		Exchange:   pub.Exchange,
		Key:        pub.Key,
		Expiration: expiration(pub.Expires),
		Message:    m,
		Headers:    headers,
	}, size + len(short)*(maxShort+1), nil
}

// expiration is a lifetime as AMQP writes it; zero is none.
func expiration(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return strconv.FormatInt(max(d.Milliseconds(), 1), 10)
}

// sendable returns the headers that may be sent, and bounds their encoded size in bytes.
func sendable(headers map[string]any) (map[string]any, int, error) {
	size := 64
	for name, value := range headers {
		if isBrokerHeader(name) {
			return sendable(withoutBrokerHeaders(headers))
		}
		length, ok := fieldSize(value)
		switch {
		case len(name) > maxShort:
			return nil, 0, fmt.Errorf("%w: header name of %d bytes, at most %d", ErrInvalid, len(name), maxShort)
		case !ok:
			return nil, 0, fmt.Errorf("%w: header %s is a %T", ErrInvalid, name, value)
		}
		size += len(name) + 16 + length
	}
	return headers, size, nil
}

// withoutBrokerHeaders returns the headers that are ours. The caller's map is the caller's.
func withoutBrokerHeaders(headers map[string]any) map[string]any {
	for name := range headers {
		if isBrokerHeader(name) {
			kept := maps.Clone(headers)
			maps.DeleteFunc(kept, func(name string, _ any) bool { return isBrokerHeader(name) })
			return kept
		}
	}
	return headers
}

// isBrokerHeader is also true for the two headers that route a message to more
// queues (https://www.rabbitmq.com/docs/sender-selected).
func isBrokerHeader(name string) bool {
	return strings.HasPrefix(name, brokerHeader) || name == "CC" || name == "BCC"
}

func toMessage(d *amqp.Delivery) *event.Message {
	return &event.Message{
		ID:              d.MessageId,
		Type:            d.Type,
		AppID:           d.AppId,
		ContentType:     d.ContentType,
		ContentEncoding: d.ContentEncoding,
		Timestamp:       d.Timestamp.UTC(),
		Headers:         received(d.Headers),
		Body:            d.Body,
	}
}
