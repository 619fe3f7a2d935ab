package retry_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/retry"
)

func TestTheDefaultPolicyIsValid(t *testing.T) {
	t.Parallel()
	require.NoError(t, retry.Default().Validate())
}

func TestAnInvalidPolicyNamesEveryProblem(t *testing.T) {
	t.Parallel()
	p := retry.Policy{Initial: time.Millisecond, Factor: 0.5, Jitter: 2, Max: 400 * 24 * time.Hour, MaxAttempts: -1, MaxAge: -1}
	err := p.Validate()
	for _, field := range []string{"initial:", "factor:", "jitter:", "max:", "maxAttempts:", "maxAge:"} {
		require.ErrorContains(t, err, field)
	}
	require.ErrorContains(t, retry.Policy{}.Validate(), "initial:")
}

func TestAMaximumBelowTheInitialDelayIsRefused(t *testing.T) {
	t.Parallel()
	p := retry.Default()
	p.Max = p.Initial - 1
	require.ErrorContains(t, p.Validate(), "max: 4.999999999s is less than initial, 5s")
}
