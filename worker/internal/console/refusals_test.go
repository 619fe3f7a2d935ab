package console //nolint:testpackage // the words are no more than a table inside

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/auth"
	"github.com/penstock/penstock/pkg/signature"
)

func TestEveryReasonForARefusalIsInWords(t *testing.T) {
	t.Parallel()
	for _, reason := range signature.Reasons() {
		require.Contains(t, unverified, reason)
		require.Contains(t, refused(string(reason)), " ", reason)
	}
	for reason := range unknown {
		require.Contains(t, refused(string(reason)), " ", reason)
	}
	require.Equal(t, "no credentials", refused(string(auth.ReasonMissing)))
	require.Equal(t, "there was no broker; the sender was told to try again", refused("broker-unavailable"))
	require.Equal(t, "of a newer version", refused("of-a-newer-version"))
}
