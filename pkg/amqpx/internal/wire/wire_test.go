package wire

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/event"
)

// publish has every property and every type of header.
func publish(id string, body []byte) *Publish {
	return &Publish{
		Exchange: "penstock.events", Key: "github.push", Expiration: "60000",
		Message: &event.Message{
			ID: id, Type: "push", AppID: "penstock", ContentType: "application/json", ContentEncoding: "zstd",
			Timestamp: time.Unix(1_700_000_000, 0), Body: body,
		},
		Headers: map[string]any{
			"text": "ü", "bytes": []byte{0, 1}, "yes": true, "i8": int8(-8), "i16": int16(-16), "i32": int32(-32), "i64": int64(-64), "int": -1,
		},
	}
}

// frames are what a scanner sees of bytes that come in pieces of these sizes.
func frames(b []byte, sizes func(left int) int) []Frame {
	var s Scanner
	var seen []Frame
	for len(b) > 0 {
		n := sizes(len(b))
		s.Scan(b[:n], func(f Frame) {
			f.payload = append([]byte(nil), f.payload...)
			seen = append(seen, f)
		})
		b = b[n:]
	}
	return seen
}

func whole(left int) int { return left }

// method makes a frame of a method.
func methodFrame(channel uint16, m method, args ...byte) []byte {
	return shut(append(appendMethod(open(nil, kindMethod, channel), m), args...), 0)
}

func TestAContentsHeaderSaysWhatItsMessageIs(t *testing.T) {
	t.Parallel()
	seen := frames(AppendPublish(nil, 7, 4096, publish("event-1", make([]byte, 10_000))), whole)
	require.Len(t, seen, 2, "a method and a header: bodies are not shown")
	id, ok := seen[1].MessageID()
	require.True(t, ok)
	require.Equal(t, "event-1", id)
	require.EqualValues(t, 7, seen[1].Channel)
	_, ok = seen[0].MessageID()
	require.False(t, ok)

	bare := frames(AppendPublish(nil, 7, 0, &Publish{Message: &event.Message{}}), whole)
	id, ok = bare[1].MessageID()
	require.True(t, ok)
	require.Empty(t, id)
}

func TestABodyIsCutIntoFramesOfTheAgreedSize(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]int{0: 0, 1: 1, 4096 - overhead: 1, 4096 - overhead + 1: 2, 3 * 4096: 4} {
		b := appendBody(nil, 1, 4096, make([]byte, size))
		n, carried := 0, 0
		for len(b) > 0 {
			length := int(binary.BigEndian.Uint32(b[3:]))
			require.LessOrEqual(t, length+overhead, 4096)
			require.EqualValues(t, frameEnd, b[headSize+length])
			b = b[length+overhead:]
			n++
			carried += length
		}
		require.Equal(t, want, n, size)
		require.Equal(t, size, carried)
	}
}

func TestWhatTheBrokerSaysIsUnderstood(t *testing.T) {
	t.Parallel()
	tag := []byte{0, 0, 0, 0, 0, 0, 1, 2}
	for name, c := range map[string]struct {
		frame []byte
		want  Answer
	}{
		"ack":           {methodFrame(1, basicAck, append(tag, 0)...), Answer{Tag: 258}},
		"ack, multiple": {methodFrame(1, basicAck, append(tag, 1)...), Answer{Tag: 258, Multiple: true}},
		"nack":          {methodFrame(1, basicNack, append(tag, 0)...), Answer{Tag: 258, Refused: true}},
		"nack, more":    {methodFrame(1, basicNack, append(tag, 3)...), Answer{Tag: 258, Refused: true, Multiple: true}},
	} {
		answer, ok := frames(c.frame, whole)[0].Answer()
		require.True(t, ok, name)
		require.Equal(t, c.want, answer, name)
	}

	opened := frames(methodFrame(3, channelOpenOK, 0, 0, 0, 0), whole)[0]
	require.True(t, opened.Opened())
	require.EqualValues(t, 3, opened.Channel)

	args := appendShort(appendShort(appendShort([]byte{1, 56}, "NO_ROUTE"), "penstock.events"), "github.push")
	exchange, key, ok := frames(methodFrame(1, basicReturn, args...), whole)[0].Returned()
	require.True(t, ok)
	require.Equal(t, "penstock.events", exchange)
	require.Equal(t, "github.push", key)
	_, _, ok = frames(methodFrame(1, basicReturn, args[:len(args)-1]...), whole)[0].Returned()
	require.False(t, ok, "cut off")
}

func TestTheConnectionsOwnFramesAreNotShown(t *testing.T) {
	t.Parallel()
	require.Empty(t, frames(methodFrame(0, method{10, 61}), whole))
	var s Scanner
	s.Scan(methodFrame(1, basicAck), nil)
	s.Scan(methodFrame(1, basicNack), func(f Frame) { require.Equal(t, basicNack.id, binary.BigEndian.Uint16(f.payload[2:])) })
}

func TestItDoesNotMatterHowTheBytesAreCutUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var b []byte
		for i := range rapid.IntRange(1, 6).Draw(t, "frames") {
			b = AppendPublish(b, uint16(i), 4096, publish("id", make([]byte, rapid.IntRange(0, 9000).Draw(t, "body"))))
			b = append(b, methodFrame(2, basicAck, make([]byte, 9)...)...)
		}
		cut := func(left int) int { return rapid.IntRange(1, min(left, 300)).Draw(t, "read") }
		require.Equal(t, frames(b, whole), frames(b, cut))
	})
}

func FuzzScanner(f *testing.F) {
	f.Add(AppendPublish(nil, 1, 4096, publish("one", []byte("{}"))), 3)
	f.Add(methodFrame(1, basicReturn, 1, 56, 2, 'o', 'k'), 1)
	f.Fuzz(func(_ *testing.T, b []byte, size int) {
		for _, frame := range frames(b, func(left int) int { return min(max(size, 1), left) }) {
			frame.Answer()
			frame.Returned()
			frame.MessageID()
			frame.Opened()
		}
	})
}
