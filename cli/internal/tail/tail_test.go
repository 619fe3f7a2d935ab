package tail_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/cli/internal/tail"
	"github.com/penstock/penstock/pkg/trackerclient"
)

var noon = time.Date(2026, time.November, 1, 12, 0, 0, 0, time.UTC)

// page makes a page of events, the newest first.
func page(more bool, events ...trackerclient.Event) *trackerclient.EventPage {
	p := &trackerclient.EventPage{Events: events}
	if more {
		next := "more"
		p.Next = &next
	}
	return p
}

// event makes an event that came some seconds after noon, with one delivery.
func event(id string, second int, state trackerclient.State, attempts int) trackerclient.Event {
	at := noon.Add(time.Duration(second) * time.Second)
	return trackerclient.Event{Id: id, Source: "s", Type: "t", ReceivedAt: at, Deliveries: []trackerclient.Delivery{
		{Route: "r", State: state, Attempts: attempts, Since: at.Add(time.Duration(attempts) * time.Millisecond)},
	}}
}

func told(changes []tail.Change) (lines []string) {
	for _, c := range changes {
		line := c.Event + " accepted"
		if c.Delivery != nil {
			line = c.Event + " " + string(c.Delivery.State)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestWhatIsNewIsToldOnceAndInOrder(t *testing.T) {
	t.Parallel()
	list := tail.New(true)
	changes, missed := list.See(page(true, event("b", 2, trackerclient.Pending, 0), event("a", 1, trackerclient.Delivered, 1)))
	require.False(t, missed)
	require.Equal(t, []string{"a accepted", "a delivered", "b accepted"}, told(changes))

	changes, missed = list.See(page(true, event("b", 2, trackerclient.Retrying, 1), event("a", 1, trackerclient.Delivered, 1)))
	require.False(t, missed)
	require.Equal(t, []string{"b retrying"}, told(changes))

	changes, _ = list.See(page(true, event("b", 2, trackerclient.Retrying, 2), event("a", 1, trackerclient.Delivered, 1)))
	require.Equal(t, []string{"b retrying"}, told(changes), "another attempt is a change")
}

func TestWithoutHistoryTheFirstPageIsNotNew(t *testing.T) {
	t.Parallel()
	list := tail.New(false)
	changes, _ := list.See(page(false, event("a", 1, trackerclient.Delivered, 1)))
	require.Empty(t, changes)
	changes, _ = list.See(page(false, event("b", 2, trackerclient.Pending, 0), event("a", 1, trackerclient.Delivered, 1)))
	require.Equal(t, []string{"b accepted"}, told(changes))
}

func TestAPageWithoutAnyKnownEventMayHaveLeftSomeOut(t *testing.T) {
	t.Parallel()
	list := tail.New(true)
	_, missed := list.See(page(true, event("a", 1, trackerclient.Pending, 0)))
	require.False(t, missed)
	_, missed = list.See(page(true, event("c", 3, trackerclient.Pending, 0)))
	require.True(t, missed)
	_, missed = list.See(page(false, event("d", 4, trackerclient.Pending, 0)))
	require.False(t, missed, "the page holds all there is")
}
