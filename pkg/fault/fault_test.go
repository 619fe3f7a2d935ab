package fault_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/fault"
)

var errBase = errors.New("base")

func TestPermanent(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		want bool
	}{
		"nil":                      {nil, false},
		"plain":                    {errBase, false},
		"marked":                   {fault.Permanent(errBase), true},
		"wrapped after marking":    {fmt.Errorf("deliver: %w", fault.Permanent(errBase)), true},
		"a wait overrides":         {fault.RetryAfter(fault.Permanent(errBase), time.Second), false},
		"a mark overrides":         {fault.Permanent(fault.RetryAfter(errBase, time.Second)), true},
		"a reason changes nothing": {fault.Because(fault.ReasonGone, fault.Permanent(errBase)), true},
		"marking nil":              {fault.Permanent(nil), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, fault.IsPermanent(tc.err))
		})
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	wait, asked := fault.Wait(fmt.Errorf("deliver: %w", fault.RetryAfter(errBase, time.Minute)))
	require.True(t, asked)
	require.Equal(t, time.Minute, wait)

	wait, asked = fault.Wait(fault.RetryAfter(errBase, -time.Minute))
	require.True(t, asked)
	require.Zero(t, wait)

	_, asked = fault.Wait(errBase)
	require.False(t, asked)
	require.NoError(t, fault.RetryAfter(nil, time.Second))
}

func TestReasonOf(t *testing.T) {
	t.Parallel()
	inner := fault.Because(fault.ReasonTimeout, errBase)
	require.Equal(t, fault.ReasonNone, fault.ReasonOf(nil))
	require.Equal(t, fault.ReasonInternal, fault.ReasonOf(errBase))
	require.Equal(t, fault.ReasonTimeout, fault.ReasonOf(fmt.Errorf("deliver: %w", inner)))
	require.Equal(t, fault.ReasonMaxAttempts, fault.ReasonOf(fault.Because(fault.ReasonMaxAttempts, inner)))
	require.NoError(t, fault.Because(fault.ReasonGone, nil))
}

func TestWrappersKeepTheCauseAndItsText(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		fault.Permanent(errBase),
		fault.RetryAfter(errBase, time.Second),
		fault.Because(fault.ReasonGone, errBase),
	} {
		require.ErrorIs(t, err, errBase)
		require.EqualError(t, err, "base")
	}
}
