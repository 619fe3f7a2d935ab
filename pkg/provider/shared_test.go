package provider_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

// shared reads a file of the material beside the repository. It quotes fixtures
// of the providers' own libraries, and so is not part of the project.
func shared(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "providers", name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("skipped: %s is not beside the repository: the collected cases are not run", name)
	}
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
}

// requestOf makes a request as the gateway would hand it over.
func requestOf(t testing.TB, method, address string, header map[string]string, body []byte) (r *signature.Request, publicURL string) {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	r = &signature.Request{Method: method, Path: u.EscapedPath(), RawQuery: u.RawQuery, Header: http.Header{}, Body: body}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	u.RawQuery = ""
	return r, u.String()
}
