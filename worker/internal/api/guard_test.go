package api_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/worker/internal/api"
)

func TestOnlyATokenWithTheScopeIsLetIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for token, want := range map[string]int{
		"reader-secret": http.StatusOK,
		"writer-secret": http.StatusForbidden,
		"reader":        http.StatusUnauthorized,
		"":              http.StatusUnauthorized,
	} {
		for _, path := range []string{"/api/v1/events", "/api/v1/routes", "/api/v1/events/x/payload"} {
			answer := b.ask(t.Context(), http.MethodGet, path, token) //nolint:bodyclose // ask closes it
			if want == http.StatusOK && path != "/api/v1/events/x/payload" {
				require.Equal(t, want, answer.StatusCode)
			} else if want != http.StatusOK {
				require.Equal(t, want, answer.StatusCode, path)
				require.Equal(t, "application/problem+json", answer.Header.Get("Content-Type"))
			}
			require.Equal(t, want == http.StatusUnauthorized, answer.Header.Get("WWW-Authenticate") != "")
		}
	}
}

func TestTheTokensFileIsReadAgainWhenItChanges(t *testing.T) {
	t.Parallel()
	b := setup(t)
	status := func(token string) int { return b.ask(t.Context(), http.MethodGet, "/api/v1/gaps", token).StatusCode } //nolint:bodyclose // ask closes it
	b.allow(map[string][]string{"fresh": {"read", "write"}})
	require.Eventually(t, func() bool { return status("fresh-secret") == http.StatusOK }, 20*time.Second, 50*time.Millisecond)
	require.Equal(t, http.StatusUnauthorized, status("reader-secret"))
	require.NoError(t, os.WriteFile(b.tokens, []byte("tokens: nonsense"), 0o600))
	require.Never(t, func() bool { return status("fresh-secret") != http.StatusOK }, 3*time.Second, 200*time.Millisecond)
	require.NoError(t, os.Remove(b.tokens))
	require.Eventually(t, func() bool { return status("fresh-secret") == http.StatusUnauthorized }, 20*time.Second, 50*time.Millisecond)
}

func TestATokensFileThatIsWrongSaysWhere(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"tokens: 5":              "not a tokens file",
		"tokns: []":              "not a tokens file",
		"tokens: [{sha256: ab}]": "token 1: it has no name",
		"tokens: [{name: a, sha256: secret-in-clear}]":                                                                 "token 1: a: sha256 is not 64",
		"tokens: [{name: a, sha256: 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b, scopes: [all]}]": `scope "all"`,
	} {
		path := filepath.Join(t.TempDir(), "tokens.yaml")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := api.NewGuard(path, false, zap.NewNop())
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "secret-in-clear")
	}
}

func TestAHolderIsKnownByHisTokenAndByItsHash(t *testing.T) {
	t.Parallel()
	b := setup(t)
	guard, err := api.NewGuard(b.tokens, false, zap.NewNop())
	require.NoError(t, err)
	require.True(t, guard.Any())
	require.False(t, guard.Open())
	holder, ok := guard.Holder("reader-secret")
	require.True(t, ok)
	require.Equal(t, "reader", holder.Name)
	require.True(t, holder.Allows(api.ScopeRead))
	require.False(t, holder.Allows(api.ScopeWrite))
	same, ok := guard.HolderOf(holder.Hash)
	require.True(t, ok)
	require.Equal(t, holder, same)
	for _, wrong := range []string{"", "reader", holder.Hash} {
		_, ok = guard.Holder(wrong)
		require.False(t, ok, wrong)
	}
	_, ok = guard.HolderOf("reader-secret")
	require.False(t, ok)
}
