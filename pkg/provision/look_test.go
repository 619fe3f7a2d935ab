package provision_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/settings"
)

func TestWhatIsRefusedIsLookedAtMoreOften(t *testing.T) {
	t.Parallel()
	refused := errors.New("a queue is in the way")
	for _, row := range []struct {
		setting string
		refused error
		most    time.Duration
	}{
		{settings.Declare, nil, time.Minute},
		{settings.Check, nil, time.Minute},
		{settings.Declare, refused, 30 * time.Second},
		{settings.Check, refused, 5 * time.Second},
	} {
		for range 100 {
			wait := provision.UntilLook(row.setting, row.refused)
			require.LessOrEqual(t, wait, row.most)
			require.Greater(t, wait, row.most*3/4)
		}
	}
}

func TestOnlyWhatIsNewAboutATopologyIsLogged(t *testing.T) {
	t.Parallel()
	refusal := func(text string) provision.Standing {
		return provision.Standing{Routes: map[string]provision.Trouble{"orders": {Err: errors.New(text)}}}
	}
	bound := provision.Standing{Bounds: errors.New("7D")}
	for name, row := range map[string]struct {
		before, now provision.Standing
		want        string
	}{
		"nothing, as before":     {provision.Standing{}, provision.Standing{}, ""},
		"refused":                {provision.Standing{}, refusal("a"), "the broker refuses a part of the topology; the rest works"},
		"refused as before":      {refusal("a"), refusal("a"), ""},
		"refused otherwise":      {refusal("a"), refusal("b"), "the broker refuses a part of the topology; the rest works"},
		"refused no more":        {refusal("a"), provision.Standing{}, "the broker refuses nothing of the topology any more"},
		"another bound":          {provision.Standing{}, bound, "streams keep more or less than they are set to"},
		"the bound of before":    {bound, bound, ""},
		"a bound that fits, now": {bound, provision.Standing{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			core, seen := observer.New(zap.DebugLevel)
			row.now.Report(zap.New(core), row.before, zap.Strings("not_consumed", []string{"orders"}))
			if row.want == "" {
				require.Empty(t, seen.All())
				return
			}
			require.Len(t, seen.All(), 1)
			require.Equal(t, row.want, seen.All()[0].Message)
			if row.now.Err() != nil {
				require.Equal(t, []any{"orders"}, seen.All()[0].ContextMap()["not_consumed"])
				require.Equal(t, []any{"orders"}, seen.All()[0].ContextMap()["routes"])
			}
		})
	}
}
