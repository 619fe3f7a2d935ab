package provider_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

func TestEveryTokenHasAPlaceThatIsKnown(t *testing.T) {
	t.Parallel()
	tokens := 0
	for _, p := range presets() {
		places := p.Credentials(nil)
		require.NotContains(t, places, signature.Place{Kind: signature.InHeader}, p.ID)
		if p.Scheme.Alg != "token" {
			continue
		}
		tokens++
		require.NotEmpty(t, places, p.ID)
		if !slices.ContainsFunc(places, signature.Place.TravelsApart) {
			require.Regexp(t, `[vV]iews hide it`, p.Notes, "%s does not say that its token travels", p.ID)
		}
	}
	require.Equal(t, 33, tokens)
	gitlab, _ := provider.Lookup("gitlab")
	require.Equal(t, []signature.Place{{Kind: signature.InHeader, Name: "X-Gitlab-Token"}}, gitlab.Credentials(nil))
	require.Contains(t, provider.AllCredentials(), signature.Place{Kind: signature.InXML, Name: "OrganizationId"})
}

func TestASettingNamesThePlace(t *testing.T) {
	t.Parallel()
	p, _ := provider.Lookup("datadog")
	require.Equal(t, []signature.Place{{Kind: signature.InHeader, Name: "X-Mine"}}, p.Credentials(map[string]string{"header": "x-mine"}))
	require.Equal(t, []signature.Place{{Kind: signature.InHeader}}, p.Credentials(map[string]string{"header": ""}), "a setting that is not known")
}

// What is written back verifies.
func TestASecretThatWasTakenOutCanBeAddedAgain(t *testing.T) {
	t.Parallel()
	for _, p := range presets() {
		places := p.Credentials(nil)
		if !slices.ContainsFunc(places, signature.Place.TravelsApart) {
			continue
		}
		source, err := provider.New(p, optionsFor(t, p))
		require.NoError(t, err, p.ID)
		r := post(`{}`)
		require.NoError(t, source.WriteCredential(r), p.ID)
		require.True(t, source.Verify(t.Context(), r, time.Unix(now, 0)).OK, p.ID)
	}
}
