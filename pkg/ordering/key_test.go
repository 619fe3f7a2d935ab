package ordering_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/ordering"
)

func sample(body string) *event.Event {
	return &event.Event{
		ID: "1", Source: "shop", Type: "order.paid", Body: []byte(body),
		Request: event.Request{Header: []event.Field{{Name: "X-Tenant", Value: "acme"}}},
	}
}

func keyOf(t *testing.T, expr, body string) (ordering.Key, error) {
	t.Helper()
	k, err := ordering.Compile(expr)
	require.NoError(t, err)
	return k.Of(t.Context(), sample(body))
}

func TestTheKeyIsWhatTheExpressionGives(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ expr, body, want string }{
		"text":               {`body.order_id`, `{"order_id":"a-1"}`, "a-1"},
		"a number":           {`body.order_id`, `{"order_id":9007199254740993}`, "9007199254740993"},
		"a large number":     {`body.order_id`, `{"order_id":18446744073709551615}`, "18446744073709551615"},
		"a fraction":         {`body.order_id`, `{"order_id":1.5}`, "1.5"},
		"a truth value":      {`body.paid`, `{"paid":true}`, "true"},
		"several parts":      {`headers["x-tenant"] + "/" + string(body.n)`, `{"n":7}`, "acme/7"},
		"an optional one":    {`body.?order_id`, `{"order_id":"a-1"}`, "a-1"},
		"none: optional":     {`body.?order_id`, `{}`, ""},
		"none: null":         {`body.order_id`, `{"order_id":null}`, ""},
		"none: an empty one": {`body.order_id`, `{"order_id":""}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := keyOf(t, tc.expr, tc.body)
			require.NoError(t, err)
			require.Equal(t, ordering.NewKey(tc.want), got)
		})
	}
}

func TestAnEventThatTheExpressionFailsOnHasNoKeyByGuesswork(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{}`:                   "key: no such key: order_id",
		`{"order_id":["a"]}`:   "key: the result is neither text nor a number nor a truth value",
		`{"order_id":{"a":1}}`: "key: the result is neither text nor a number nor a truth value",
	} {
		_, err := keyOf(t, `body.order_id`, body)
		require.EqualError(t, err, want)
	}
}

func TestAnExpressionThatCannotBeAKeyIsRefused(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		`headers`:        "the result must be text, a number or a truth value",
		`[source]`:       "the result must be text, a number or a truth value",
		`bdy.order_id`:   "undeclared reference to 'bdy'",
		`body.order_id.`: "Syntax error",
	} {
		_, err := ordering.Compile(expr)
		require.ErrorContains(t, err, want)
	}
}

func TestAKeyShowsNothingOfTheEvent(t *testing.T) {
	t.Parallel()
	require.NotContains(t, string(ordering.NewKey("s3cr3t")), "s3cr3t")
	require.Empty(t, ordering.NewKey(""))
}

func TestAKeyHasOnePartitionForGood(t *testing.T) {
	t.Parallel()
	require.Equal(t, 1, ordering.NewKey("a-1").Partition(8), "a key that moves loses its order")
	rapid.Check(t, func(t *rapid.T) {
		key := ordering.NewKey(rapid.String().Draw(t, "text"))
		n := rapid.IntRange(1, ordering.MaxPartitions).Draw(t, "partitions")
		got := key.Partition(n)
		if got < 0 || got >= n || got != key.Partition(n) {
			t.Fatalf("%q is in partition %d of %d", key, got, n)
		}
	})
}

func TestKeysSpreadOverAllPartitions(t *testing.T) {
	t.Parallel()
	const partitions, keys = 8, 8000
	count := make([]int, partitions)
	for i := range keys {
		count[ordering.NewKey(fmt.Sprint("order-", i)).Partition(partitions)]++
	}
	for _, n := range count {
		require.InDelta(t, keys/partitions, n, 150)
	}
}
