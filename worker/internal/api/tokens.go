package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/goccy/go-yaml"
)

// Scope is what a token allows.
type Scope string

// The scopes. One does not include the other.
const (
	ScopeRead  Scope = "read"
	ScopeWrite Scope = "write"
	ScopeRelay Scope = "relay" // to follow the archive, with every payload
)

var scopes = []Scope{ScopeRead, ScopeWrite, ScopeRelay}

// token is an entry of the tokens file.
type token struct {
	Name   string  `yaml:"name"`
	SHA256 string  `yaml:"sha256"` // of the token, in hex
	Scopes []Scope `yaml:"scopes"`

	hash [sha256.Size]byte
}

// tokens are those of a file.
type tokens []token

// readTokens reads a tokens file. A file that is not there has no tokens. The error
// joins every problem, and quotes no hash.
func readTokens(path string) (tokens, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the path is the operator's
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the tokens file: %w", err)
	}
	var file struct {
		Tokens tokens `yaml:"tokens"`
	}
	if err := yaml.UnmarshalWithOptions(data, &file, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: not a tokens file: see the API's documentation", path)
	}
	var errs []error
	for i := range file.Tokens {
		if err := file.Tokens[i].check(); err != nil {
			errs = append(errs, fmt.Errorf("%s: token %d: %w", path, i+1, err))
		}
	}
	return file.Tokens, errors.Join(errs...)
}

func (t *token) check() error {
	if t.Name == "" {
		return errors.New("it has no name")
	}
	hash, err := hex.DecodeString(t.SHA256)
	if err != nil || len(hash) != sha256.Size {
		return fmt.Errorf("%s: sha256 is not 64 hexadecimal digits", t.Name)
	}
	copy(t.hash[:], hash)
	for _, s := range t.Scopes {
		if !slices.Contains(scopes, s) {
			return fmt.Errorf("%s: scope %q is not read, write or relay", t.Name, s)
		}
	}
	return nil
}

// find returns the entry of a token, or nil. It takes as long whichever it is, or none.
func (all tokens) find(secret string) *token {
	hash := sha256.Sum256([]byte(secret))
	var found *token
	for i := range all {
		if subtle.ConstantTimeCompare(all[i].hash[:], hash[:]) == 1 {
			found = &all[i]
		}
	}
	return found
}

func (t *token) allows(s Scope) bool { return slices.Contains(t.Scopes, s) }
