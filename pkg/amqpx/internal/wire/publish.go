package wire

import (
	"encoding/binary"

	"github.com/penstock/penstock/pkg/event"
)

// Publish is one persistent and mandatory message, and where it goes. Exchange, key and
// each of the message's properties and header names have at most 255 bytes, and its
// headers fit one frame.
type Publish struct {
	Exchange, Key string
	Expiration    string // milliseconds; empty: it does not expire
	Message       *event.Message
	Headers       map[string]any // in place of the message's: values of the types that appendField knows
}

// mandatory is the bit of basic.publish that asks for messages back that no queue takes.
const mandatory = 1

// AppendConfirmSelect appends the request to confirm all that is published on the channel
// from now on. The broker does not answer it.
func AppendConfirmSelect(b []byte, channel uint16) []byte {
	const nowait = 1
	start := len(b)
	b = appendMethod(open(b, kindMethod, channel), confirmSelect)
	return shut(append(b, nowait), start)
}

// AppendPublish appends the frames of a publish: its method, its content's header and as
// many frames for the body as a frame of at most frameSize bytes asks for; zero means that
// there is no limit.
func AppendPublish(b []byte, channel uint16, frameSize int, p *Publish) []byte {
	start := len(b)
	b = appendMethod(open(b, kindMethod, channel), basicPublish)
	b = append(b, 0, 0) // reserved
	b = appendShort(b, p.Exchange)
	b = appendShort(b, p.Key)
	b = shut(append(b, mandatory), start)

	start = len(b)
	b = appendContent(open(b, kindHeader, channel), p)
	b = shut(b, start)
	return appendBody(b, channel, frameSize, p.Message.Body)
}

// appendBody appends the body, which may be empty: then it has no frame.
func appendBody(b []byte, channel uint16, frameSize int, body []byte) []byte {
	most := frameSize - overhead
	if frameSize == 0 {
		most = len(body)
	}
	for len(body) > 0 {
		part := body[:min(most, len(body))]
		start := len(b)
		b = shut(append(open(b, kindBody, channel), part...), start)
		body = body[len(part):]
	}
	return b
}

// persistent is the delivery mode of a message that survives the broker's restart.
const persistent = 2

// Bits of the property flags (section 4.2.6.1), in the order in which properties follow.
const (
	hasContentType = 1 << (15 - iota)
	hasContentEncoding
	hasHeaders
	hasDeliveryMode
	hasPriority
	hasCorrelationID
	hasReplyTo
	hasExpiration
	hasMessageID
	hasTimestamp
	hasType
	_ // the user's id
	hasAppID
)

// appendContent appends the payload of a content's header frame.
func appendContent(b []byte, p *Publish) []byte {
	m := p.Message
	b = binary.BigEndian.AppendUint16(b, basicClass)
	b = append(b, 0, 0) // weight
	b = binary.BigEndian.AppendUint64(b, uint64(len(m.Body)))
	flags := len(b)
	b = append(b, 0, 0)
	var set uint16
	short := func(flag uint16, s string) {
		if s != "" {
			b, set = appendShort(b, s), set|flag
		}
	}
	short(hasContentType, m.ContentType)
	short(hasContentEncoding, m.ContentEncoding)
	if len(p.Headers) > 0 {
		b, set = appendTable(b, p.Headers), set|hasHeaders
	}
	b, set = append(b, persistent), set|hasDeliveryMode
	short(hasExpiration, p.Expiration)
	short(hasMessageID, m.ID)
	if !m.Timestamp.IsZero() {
		b, set = binary.BigEndian.AppendUint64(b, uint64(m.Timestamp.Unix())), set|hasTimestamp
	}
	short(hasType, m.Type)
	short(hasAppID, m.AppID)
	binary.BigEndian.PutUint16(b[flags:], set)
	return b
}
