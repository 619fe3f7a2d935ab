package expression_test

import (
	"context"
	"strings"
	"testing"

	"cel.dev/cel-go/cel"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/expression"
)

func compile(t *testing.T, text string) *expression.Expression {
	t.Helper()
	x, err := expression.Compile(text)
	require.NoError(t, err)
	return x
}

func TestTheOutputIsKnownAsFarAsItCanBe(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]*cel.Type{
		`source`: cel.StringType, `body.a`: cel.DynType, `size(body) > 1`: cel.BoolType, `1 + 1`: cel.IntType,
	} {
		require.True(t, compile(t, text).Output().IsExactType(want), text)
	}
}

func TestALoopEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	list := "[" + strings.Repeat("1,", 2000) + "1]"
	_, err := compile(t, `body.all(a, body.all(b, a + b > 0))`).Eval(ctx, &event.Event{Body: []byte(list)})
	require.ErrorIs(t, err, context.Canceled)
}

func TestTheCostOfAnEvaluationIsBounded(t *testing.T) {
	t.Parallel()
	list := "[" + strings.Repeat("1,", 2000) + "1]"
	_, err := compile(t, `body.all(a, body.all(b, body.all(c, a + b + c > 0)))`).Eval(t.Context(), &event.Event{Body: []byte(list)})
	require.ErrorIs(t, err, expression.ErrTooCostly)
}
