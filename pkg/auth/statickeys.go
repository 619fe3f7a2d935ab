package auth

import (
	"context"
	"crypto"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"

	"github.com/penstock/penstock/pkg/publickey"
)

const minRSABits = 2048 // RFC 7518, section 3.3

// staticKeys are the keys that the configuration holds.
type staticKeys struct {
	byID    map[string][]jwt.VerificationKey
	unnamed []jwt.VerificationKey
	all     []jwt.VerificationKey
}

// newStaticKeys takes keys that were validated.
func newStaticKeys(keys []PublicKey) *staticKeys {
	s := &staticKeys{byID: map[string][]jwt.VerificationKey{}}
	for _, k := range keys {
		key, err := parsePublicKey(k.PEM)
		if err != nil {
			continue // validated before; leaving a key out can only refuse
		}
		s.all = append(s.all, key)
		if k.ID == "" {
			s.unnamed = append(s.unnamed, key)
		} else {
			s.byID[k.ID] = append(s.byID[k.ID], key)
		}
	}
	return s
}

func (s *staticKeys) key(_ context.Context, token *jwt.Token) (any, Reason) {
	candidates := s.all
	if id, named := token.Header["kid"]; named {
		text, _ := id.(string)
		if candidates = s.byID[text]; len(candidates) == 0 {
			candidates = s.unnamed
		}
	}
	if len(candidates) == 0 {
		return nil, ReasonUnknownKey
	}
	return jwt.VerificationKeySet{Keys: candidates}, ReasonNone
}

func parsePublicKey(text string) (crypto.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errNoPEM
	}
	key, err := parseBlock(block)
	if err != nil {
		return nil, err
	}
	return key, checkStrength(key)
}

// checkStrength refuses RSA keys that are too small. How large they may be says package
// publickey.
func checkStrength(key crypto.PublicKey) error {
	if k, is := key.(*rsa.PublicKey); is && k.N.BitLen() < minRSABits {
		return fmt.Errorf("has %d bits; RSA needs %d", k.N.BitLen(), minRSABits)
	}
	return nil
}

func parseBlock(block *pem.Block) (crypto.PublicKey, error) {
	var key crypto.PublicKey
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		key, err = publickey.Parse(block.Bytes)
	case "CERTIFICATE":
		key, err = publickey.ParseAny(block.Bytes)
	default:
		return nil, fmt.Errorf("is a %s; use a PUBLIC KEY or a CERTIFICATE", block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot be used: %w", err)
	}
	return key, nil
}

var (
	errDigest = errors.New("is not a SHA-256 hash: 64 hexadecimal digits")
	errNoPEM  = errors.New("is not PEM (-----BEGIN PUBLIC KEY-----)")
)
