package wire

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// Decimal is Value divided by ten to the power of Scale.
type Decimal struct {
	Scale uint8
	Value int32
}

// appendTable appends a field table (https://www.rabbitmq.com/amqp-0-9-1-errata,
// section 3: RabbitMQ's types of fields).
func appendTable(b []byte, fields map[string]any) []byte {
	start := len(b)
	b = append(b, 0, 0, 0, 0)
	for name, value := range fields {
		b = appendField(appendShort(b, name), value)
	}
	binary.BigEndian.PutUint32(b[start:], uint32(len(b)-start-4))
	return b
}

func appendField(b []byte, value any) []byte {
	switch v := value.(type) {
	case string:
		return appendLong(append(b, 'S'), v)
	case []byte:
		b = binary.BigEndian.AppendUint32(append(b, 'x'), uint32(len(v)))
		return append(b, v...)
	case bool:
		return append(b, 't', flag(v))
	case int8:
		return append(b, 'b', byte(v))
	case int16:
		return binary.BigEndian.AppendUint16(append(b, 's'), uint16(v))
	case int32:
		return binary.BigEndian.AppendUint32(append(b, 'I'), uint32(v))
	case int64:
		return binary.BigEndian.AppendUint64(append(b, 'l'), uint64(v))
	case int:
		return binary.BigEndian.AppendUint64(append(b, 'l'), uint64(v))
	default:
		return appendForeign(b, value)
	}
}

// appendForeign appends a value of a type that Penstock itself does not use, and that the
// messages of others have.
func appendForeign(b []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(b, 'V')
	case uint8:
		return append(b, 'B', v)
	case uint16:
		return binary.BigEndian.AppendUint16(append(b, 'u'), v)
	case uint32:
		return binary.BigEndian.AppendUint32(append(b, 'i'), v)
	case float32:
		return binary.BigEndian.AppendUint32(append(b, 'f'), math.Float32bits(v))
	case float64:
		return binary.BigEndian.AppendUint64(append(b, 'd'), math.Float64bits(v))
	case Decimal:
		return binary.BigEndian.AppendUint32(append(b, 'D', v.Scale), uint32(v.Value))
	case time.Time:
		return binary.BigEndian.AppendUint64(append(b, 'T'), uint64(v.Unix()))
	case map[string]any:
		return appendTable(append(b, 'F'), v)
	case []any:
		return appendArray(append(b, 'A'), v)
	default:
		panic(fmt.Sprintf("wire: a header of type %T", value)) // what is published was checked for it
	}
}

func appendArray(b []byte, values []any) []byte {
	start := len(b)
	b = append(b, 0, 0, 0, 0)
	for _, v := range values {
		b = appendField(b, v)
	}
	binary.BigEndian.PutUint32(b[start:], uint32(len(b)-start-4))
	return b
}
