package sample

import (
	"bytes"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"io/fs"
	"math/big"
	"path"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/google/uuid"
)

//go:embed fixtures
var fixtures embed.FS

// Providers lists the providers that have fixtures, sorted.
func Providers() []string {
	entries, _ := fs.ReadDir(fixtures, "fixtures") // it is embedded
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

// Types lists the types of events that a provider has fixtures of, sorted.
func Types(provider string) []string {
	var types []string
	root := path.Join("fixtures", provider)
	_ = fs.WalkDir(fixtures, root, func(file string, e fs.DirEntry, err error) error { // a provider without one has none
		if err == nil && !e.IsDir() {
			types = append(types, strings.TrimSuffix(strings.TrimPrefix(file, root+"/"), ".json"))
		}
		return err
	})
	slices.Sort(types)
	return types
}

// Body returns the body of a fresh event of the type, as of now, and whether there is a fixture of it.
func Body(provider, typ string, now time.Time) ([]byte, bool) {
	if !slices.Contains(Types(provider), typ) {
		return nil, false
	}
	text, err := fixtures.ReadFile(path.Join("fixtures", provider, typ+".json"))
	if err != nil {
		return nil, false
	}
	t, err := template.New(typ).Funcs(functions(now)).Parse(string(text))
	var body bytes.Buffer
	if err != nil || t.Execute(&body, nil) != nil {
		return nil, false // a test makes each
	}
	return bytes.TrimSpace(body.Bytes()), true
}

const (
	letters  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	capitals = 36 // of letters: without the small ones
)

// functions are what fixtures call.
func functions(now time.Time) template.FuncMap {
	return template.FuncMap{
		"unix":   now.Unix,
		"iso":    func() string { return now.UTC().Format(time.RFC3339) },
		"uuid":   uuid.NewString,
		"number": func() int64 { return 1_000_000_000 + int64(random(1_000_000_000)) },
		"id":     func(prefix string, n int) string { return prefix + word(letters, n) },
		"upper":  func(prefix string, n int) string { return prefix + word(letters[:capitals], n) },
		"hex": func(n int) string {
			b := make([]byte, n/2)
			_, _ = rand.Read(b) // it never fails
			return hex.EncodeToString(b)
		},
	}
}

func word(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[random(len(alphabet))]
	}
	return string(b)
}

func random(below int) int {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(below)))
	if err != nil {
		return 0 // the system has no random source
	}
	return int(n.Int64())
}
