package app_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

func TestATransformedBodyIsDeliveredAndAFailureIsADeadLetterWithTheBodyAsItCame(t *testing.T) {
	t.Parallel()
	bodies := make(chan string, 10)
	r := newReceiver(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- r.Header.Get("Content-Type") + " " + string(body)
	})
	w := setup(t, shop(r.URL, "    transform: '{total: (.amount + 1), from: $source}'\n"))
	a, _ := w.start(t)
	ready(t, a)
	w.accept(t, "order.paid", map[string]int{"amount": 6})
	r.next(t)
	require.Equal(t, `application/json {"from":"shop","total":7}`, <-bodies)

	id := w.accept(t, "order.paid", map[string]string{"amount": "six"})
	dead := w.read(t, topology.DeadQueue("orders"))
	require.Equal(t, id, dead.ID)
	require.Equal(t, "transform", dead.Text(event.HeaderReason))
	require.JSONEq(t, `{"amount":"six"}`, string(dead.Body))
	require.Empty(t, r.got)
}
