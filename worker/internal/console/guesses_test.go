package console_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTokensCannotBeGuessedWithoutEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 10 {
		require.Equal(t, http.StatusUnauthorized, b.post("/console/sign-in", url.Values{"token": {"a guess"}}).StatusCode)
	}
	for _, token := range []string{"a guess", "reader-secret"} {
		got := b.post("/console/sign-in", url.Values{"token": {token}})
		require.Equal(t, http.StatusTooManyRequests, got.StatusCode, "it must not show whether the token is right")
		require.Equal(t, "30", got.Header.Get("Retry-After"))
		require.Empty(t, got.Cookies())
	}
}

func TestAMisspeltFieldFindsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	for _, path := range []string{"/console/events?sorce=shop", "/console/dead?sorce=shop"} {
		got := b.get(path)
		require.Equal(t, http.StatusBadRequest, got.StatusCode, path)
		require.Contains(t, got.body, "did you mean source?", path)
	}
	got := b.post("/console/dead", url.Values{"act": {"discard"}, "which": {"all"}, "sorce": {"shop"}})
	require.Equal(t, http.StatusBadRequest, got.StatusCode)
	require.Equal(t, http.StatusOK, b.get("/console/events?source=shop&within=1h&find=x").StatusCode)
}
