package share

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
)

func TestAnAnnouncementIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	a := announcement{Deliverer: "me", Number: 7, InUse: map[string]int{"d": 3}, Stops: true}
	m, err := a.encode()
	require.NoError(t, err)
	got, err := decode(m)
	require.NoError(t, err)
	require.Equal(t, a, got)
	m.Headers[event.HeaderFormat] = int64(2)
	_, err = decode(m)
	require.ErrorIs(t, err, errMalformed)
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"deliverer":"a","number":1,"inUse":{"d":1}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := decode(&event.Message{Type: kind, Headers: map[string]any{event.HeaderFormat: int64(format)}, Body: body})
		if err == nil {
			newTable("me", time.Now()).note(a, time.Now())
		}
	})
}
