package sample_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/cli/internal/sample"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

func TestEachFixtureIsAFreshEventOfItsType(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"github", "shopify", "slack", "stripe"}, sample.Providers())
	for _, id := range sample.Providers() {
		preset, known := provider.Lookup(id)
		require.True(t, known, id)
		require.GreaterOrEqual(t, len(sample.Types(id)), 2, id)
		for _, typ := range sample.Types(id) {
			body, known := sample.Body(id, typ, time.Now())
			require.True(t, known, "%s %s", id, typ)
			require.True(t, json.Valid(body), "%s %s: %s", id, typ, body)
			other, _ := sample.Body(id, typ, time.Now())
			require.NotEqual(t, body, other, "%s %s has the same ids again", id, typ)
			x, err := signature.CompileExpr(preset.EventType)
			require.NoError(t, err)
			if got := x.Eval(&signature.Request{Header: map[string][]string{}, Body: body}); got != "" {
				require.Contains(t, typ, got, "%s %s", id, typ)
			}
		}
	}
	_, known := sample.Body("stripe", "no.such", time.Now())
	require.False(t, known)
	require.Empty(t, sample.Types("no-such"))
}

func TestPersonalDataIsReplacedAndAllElseStays(t *testing.T) {
	t.Parallel()
	const body = "{\n  \"id\": \"evt_1\",  \"amount\": 12.50, \"customer\": {\"first_name\": \"Grace\", \"e-mail\": \"Grace.Hopper@navy.mil\"," +
		" \"phone\": \"+49 30 1\", \"address\": {\"line1\": \"1 Way\", \"country\": \"DE\"}},\n" +
		"  \"note\": \"write to grace.hopper@navy.mil from 203.0.113.9\", \"tags\": [\"a\", \"\\u0041\"], \"type\": \"order.paid\", \"empty\": null}"
	masked, err := sample.Mask([]byte(body))
	require.NoError(t, err)
	again, err := sample.Mask([]byte(body))
	require.NoError(t, err)
	require.Equal(t, string(masked), string(again), "a fake is stable")
	for _, secret := range []string{"Grace", "opper", "49 30", "1 Way", "203.0.113.9"} {
		require.NotContains(t, string(masked), secret)
	}
	for _, kept := range []string{"{\n  \"id\": \"evt_1\",  \"amount\": 12.50, ", `"country": "DE"`, `"tags": ["a", "\u0041"], "type": "order.paid", "empty": null}`, "write to person-"} {
		require.Contains(t, string(masked), kept)
	}
	require.True(t, json.Valid(masked))
	_, err = sample.Mask([]byte("a=b"))
	require.ErrorIs(t, err, sample.ErrNoJSON)
}
