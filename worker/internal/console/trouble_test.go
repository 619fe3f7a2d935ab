package console //nolint:testpackage // the sentences are no more than a table inside

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/store"
)

func TestEveryTroubleOfAJobIsASentence(t *testing.T) {
	t.Parallel()
	for _, one := range store.Troubles() {
		require.Regexp(t, `^[A-Z].*[.?]$`, trouble(one), one)
	}
	require.Equal(t, "of-a-newer-version", trouble("of-a-newer-version"))
}
