package rehearse_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/rehearse"
)

func sample(typ, body string) *event.Event {
	return &event.Event{
		ID: event.NewID(), Source: "shop", Type: typ, ReceivedAt: time.Now(), Body: []byte(body),
		Request: event.Request{Method: "POST", Header: []event.Field{{Name: "Content-Type", Value: "application/json"}}},
	}
}

func TestRulesMakeOfAnEventWhatTheDelivererDoes(t *testing.T) {
	t.Parallel()
	rules := rehearse.Rules{
		Bindings: []string{"shop.orders/*"}, Filter: "body.paid && body.amount > 0", Key: "body.?customer",
		Transform: config.Transform{JQ: "{id}"}, Partitions: 4,
	}
	route, err := rehearse.Compile(rules)
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		typ, body string
		want      rehearse.Outcome
	}{
		"of another type": {"refunds/create", `{}`, rehearse.Outcome{State: rehearse.Other}},
		"filtered":        {"orders/create", `{"paid": false, "amount": 1}`, rehearse.Outcome{State: rehearse.Filtered}},
		"without a key":   {"orders/create", `{"paid": true, "amount": 1, "id": 7}`, rehearse.Outcome{State: rehearse.Taken, Body: []byte(`{"id":7}`), Changed: true}},
		"with the filter's error": {"orders/create", `{"paid": true}`, rehearse.Outcome{
			State: rehearse.Failed, Rule: "filter", Reason: fault.ReasonFilter, Error: "filter: no such key: amount", Position: "1:19",
		}},
		"with a body that cannot be read": {"orders/create", "\xff\xfe\xfd", rehearse.Outcome{
			State: rehearse.Failed, Rule: "filter", Reason: fault.ReasonUnreadable,
			Error: "filter: the body cannot be read: the body is neither JSON nor text",
		}},
	} {
		require.Equal(t, tc.want, route.Try(t.Context(), sample(tc.typ, tc.body)), name)
	}
	keyed := route.Try(t.Context(), sample("orders/create", `{"paid": true, "amount": 1, "customer": 12}`))
	require.Equal(t, "12", keyed.Key)
	require.Less(t, keyed.Partition, 4)
}

func TestARouteWithoutRulesTakesEachEventAsItCame(t *testing.T) {
	t.Parallel()
	route, err := rehearse.Compile(rehearse.RulesOf(&config.Route{From: []string{"shop"}, Types: []string{"#"}}))
	require.NoError(t, err)
	require.Equal(t, rehearse.Outcome{State: rehearse.Taken, Body: []byte("x")}, route.Try(t.Context(), sample("a", "x")))
}

func TestRulesThatDoNotCompileAreNamed(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string]rehearse.Rules{
		"filter: ":       {Filter: "body."},
		"ordering.key: ": {Key: "{}"},
		"transform: ":    {Transform: config.Transform{JQ: "{"}},
	} {
		_, err := rehearse.Compile(rules)
		require.ErrorContains(t, err, name)
	}
}
