package signature_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

// vector is a request with its verdict.
type vector struct {
	Provider string            `json:"provider"`
	Name     string            `json:"name"`
	Secret   signature.Strings `json:"secret"`
	Method   string            `json:"method"`
	URL      string            `json:"url"`
	Headers  map[string]string `json:"headers"`
	Body     string            `json:"body"`
	Body64   string            `json:"body_base64"`
	Now      *float64          `json:"now"`
	Config   map[string]string `json:"config"`
	Scheme   json.RawMessage   `json:"scheme"`
	Valid    bool              `json:"valid"`
}

func (v vector) request(t *testing.T) *signature.Request {
	t.Helper()
	url, query, _ := strings.Cut(v.URL, "?")
	r := &signature.Request{
		Method: v.Method, PublicURL: url, RawQuery: query, Header: http.Header{}, Body: []byte(v.Body), Config: v.Config,
	}
	for name, value := range v.Headers {
		r.Header.Set(name, value)
	}
	if v.Body64 != "" {
		body, err := base64.StdEncoding.DecodeString(v.Body64)
		require.NoError(t, err)
		r.Body = body
	}
	return r
}

// corrections spell out what the table of schemes says in prose.
func corrections() map[string]map[string]any {
	return map[string]map[string]any{
		"url_variants": {"url_variants": "default-port"},
		"json_variant": {"json_variant": map[string]any{
			"when": "query:bodySHA256", "msg": "{url}", "also": [][]string{{"body|sha256", "query:bodySHA256"}},
		}},
		"keysrc": {}, "extra": {}, "needs_code": {}, "alt_scheme": {},
	}
}

// scheme reads a row of the table.
func scheme(t *testing.T, raw json.RawMessage) signature.Scheme {
	t.Helper()
	row := map[string]any{}
	require.NoError(t, json.Unmarshal(raw, &row))
	for field, correct := range corrections() {
		if _, ok := row[field]; ok {
			delete(row, field)
			maps.Copy(row, correct)
		}
	}
	clean, err := json.Marshal(row)
	require.NoError(t, err)
	var s signature.Scheme
	require.NoError(t, json.Unmarshal(clean, &s))
	return s
}

// table reads the scheme of every provider that has one.
func table(t *testing.T) map[string]signature.Scheme {
	t.Helper()
	var rows map[string]struct {
		Scheme json.RawMessage `json:"scheme"`
	}
	load(t, "schemes.json", &rows)
	schemes := map[string]signature.Scheme{}
	for id, row := range rows {
		if string(row.Scheme) != "null" {
			schemes[id] = scheme(t, row.Scheme)
		}
	}
	return schemes
}

// load reads a file of the providers folder next to the repository, or skips the test.
func load(t *testing.T, name string, into any) {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	data, err := os.ReadFile(filepath.Join(dir, "..", "shared", "providers", name))
	if os.IsNotExist(err) {
		t.Skipf("skipped: the providers' vectors are not beside the repository: %v", err)
	}
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
}

func TestEveryRowOfTheTableCompiles(t *testing.T) {
	t.Parallel()
	for id, s := range table(t) {
		if strings.Contains(strings.Join(s.Sig, ""), "CONFIGURED") {
			continue // the operator chooses the location
		}
		require.NoError(t, s.Validate(), id)
	}
}

func TestEveryDeclarativeVectorGetsItsVerdict(t *testing.T) {
	t.Parallel()
	schemes := table(t)
	var vectors []vector
	load(t, "vectors.json", &vectors)
	run := 0
	for _, v := range vectors {
		s, ok := schemes[v.Provider]
		if len(v.Scheme) > 0 {
			s, ok = scheme(t, v.Scheme), true
		}
		if !ok {
			continue // needs code: package provider
		}
		run++
		if s.TS != nil {
			own := *s.TS
			s.TS = &own
		}
		t.Run(v.Provider+"/"+v.Name, func(t *testing.T) {
			t.Parallel()
			now := time.Unix(0, 0)
			if v.Now != nil {
				now = time.Unix(int64(*v.Now), 0)
			} else if s.TS != nil {
				s.TS.Tol = new(int) // the vector has no clock
			}
			verifier, err := signature.Compile(s)
			require.NoError(t, err)
			keys, err := verifier.Keys(v.Secret...)
			require.NoError(t, err)
			got := verifier.Verify(v.request(t), keys, now)
			require.Equal(t, v.Valid, got.OK, "%+v", got)
			require.Equal(t, got.OK, got.Reason == signature.None)
		})
	}
	require.Greater(t, run, 300)
}
