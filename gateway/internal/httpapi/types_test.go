package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
)

// A type is shown on terminals and pages: nothing in it may steer them.
func TestHostileTypesLoseWhatSteersATerminal(t *testing.T) {
	t.Parallel()
	pipeline, published := sources(t, `partner: {scheme: {alg: token, sig: "header:x-token", type: "json:type"}, secrets: ['${S}']}`)
	b := setup(t, pipeline)
	for sent, want := range map[string]string{
		`paid\u001b[2J`:        "paid_[2J",
		`paid\u009b31m\u0085`:  "paid_31m_",
		`paid\u202egnp.exe`:    "paid_gnp.exe",
		`\u2066a\u2069\u200fb`: "_a__b",
		`a\u007fb\u0000`:       "a_b_",
	} {
		res := b.do(t, http.MethodPost, "/in/partner", strings.NewReader(`{"type":"`+sent+`"}`), "X-Token", "secret")
		require.Equal(t, http.StatusAccepted, res.status)
		e, err := event.Decode(published.last.Load())
		require.NoError(t, err)
		require.Equal(t, want, e.Type, sent)
	}
}
