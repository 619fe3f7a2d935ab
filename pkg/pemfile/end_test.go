package pemfile_test

import (
	"crypto/x509"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/pemfile"
)

func TestTheRenewalOfACertificateIsDueBeforeItsEnd(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for life, before := range map[time.Duration]time.Duration{
		90 * 24 * time.Hour: 14 * 24 * time.Hour, 6 * 24 * time.Hour: 2 * 24 * time.Hour, 24 * time.Hour: 8 * time.Hour,
	} {
		v := pemfile.ValidityOf(&x509.Certificate{NotBefore: from, NotAfter: from.Add(life)})
		require.Equal(t, from.Add(life), v.Ends)
		require.Equal(t, from.Add(life-before), v.Due, life)
		require.False(t, v.NearEnd(v.Due.Add(-time.Second)))
		require.True(t, v.NearEnd(v.Due))
		require.True(t, v.NearEnd(v.Ends.Add(time.Hour)))
	}
	require.Zero(t, pemfile.ValidityOf(nil))
	require.False(t, pemfile.Validity{}.NearEnd(from))
}

func TestTheAuthorityThatEndsLastCounts(t *testing.T) {
	t.Parallel()
	a, b := issue(t, "a", nil), issue(t, "b", nil)
	file := write(t, a.pem(), b.pem())
	leaf, err := pemfile.Leaf(file)
	require.NoError(t, err)
	require.Equal(t, "a", leaf.Subject.CommonName)
	last, err := pemfile.LastAuthority(file)
	require.NoError(t, err)
	require.False(t, last.NotAfter.Before(leaf.NotAfter))
	_, err = pemfile.LastAuthority(file + ".missing")
	require.Error(t, err)
}
