package amqpx

import (
	"maps"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/penstock/penstock/pkg/amqpx/internal/wire"
)

// fieldSize bounds the size of what a value has beyond the fixed size of a field, in bytes.
// It is not ok for a value that cannot be sent.
func fieldSize(value any) (length int, ok bool) {
	switch v := value.(type) {
	case string:
		return len(v), true
	case []byte:
		return len(v), true
	case bool, int, int8, int16, int32, int64, uint8, uint16, uint32, float32, float64, wire.Decimal, time.Time, nil:
		return 0, true
	case map[string]any:
		return tableSize(v)
	case []any:
		return arraySize(v)
	default:
		return 0, false
	}
}

func tableSize(fields map[string]any) (size int, ok bool) {
	for name, value := range fields {
		n, ok := fieldSize(value)
		if !ok || len(name) > maxShort {
			return 0, false
		}
		size += len(name) + 16 + n
	}
	return size, true
}

func arraySize(values []any) (size int, ok bool) {
	for _, value := range values {
		n, ok := fieldSize(value)
		if !ok {
			return 0, false
		}
		size += 16 + n
	}
	return size, true
}

// received returns the headers of a delivery, without the broker's, and with values that can
// be sent on: other programs publish to our queues, too.
func received(headers amqp.Table) map[string]any {
	ours := withoutBrokerHeaders(headers)
	for _, value := range ours {
		if _, ok := fieldSize(value); ok {
			continue
		}
		ours = maps.Clone(ours)
		for name, value := range ours {
			ours[name] = receivedField(value)
		}
		return ours
	}
	return ours
}

// receivedField makes a value of the client library's types one of ours.
func receivedField(value any) any {
	switch v := value.(type) {
	case amqp.Table:
		fields := make(map[string]any, len(v))
		for name, value := range v {
			fields[name] = receivedField(value)
		}
		return fields
	case []any:
		values := make([]any, len(v))
		for i, value := range v {
			values[i] = receivedField(value)
		}
		return values
	case amqp.Decimal:
		return wire.Decimal{Scale: v.Scale, Value: v.Value}
	default:
		return v
	}
}
