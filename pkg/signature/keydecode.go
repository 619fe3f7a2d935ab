package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/penstock/penstock/pkg/publickey"
)

// DecodeKey turns a secret into a symmetric key, as Scheme.Key says. An empty kind is utf8. An
// empty key is an error. Errors never quote the secret.
func DecodeKey(kind, secret string) ([]byte, error) {
	raw, err := decodeKey(kind, secret)
	if err == nil && len(raw) == 0 {
		err = errors.New("is empty")
	}
	return raw, err
}

func decodeKey(kind, secret string) ([]byte, error) {
	switch kind {
	case "", keyUTF8:
		return []byte(secret), nil
	case keyWhsec:
		return keyBase64(strings.TrimPrefix(secret, "whsec_"))
	case encBase64:
		return keyBase64(secret)
	case encHex:
		raw, err := hex.DecodeString(secret)
		if err != nil {
			return nil, errors.New("is not hexadecimal")
		}
		return raw, nil
	case keyNFKD:
		return norm.NFKD.Bytes([]byte(secret)), nil
	case keySHA1, keySHA256:
		if secret == "" {
			return nil, nil
		}
		return sum(digest(kind).New, []byte(secret)), nil
	}
	if tail, ok := strings.CutPrefix(kind, keySuffix); ok && tail != "" {
		return append([]byte(secret), tail...), nil
	}
	return nil, fmt.Errorf("%q is no kind of key", kind)
}

func keyBase64(secret string) ([]byte, error) {
	raw, err := decodeBase64(nil, []byte(secret))
	if err != nil {
		return nil, errors.New("is not base64")
	}
	return raw, nil
}

func symmetricKind(kind string) bool {
	switch kind {
	case "", keyUTF8, keyWhsec, encBase64, encHex, keyNFKD, keySHA1, keySHA256:
		return true
	}
	return strings.HasPrefix(kind, keySuffix) && kind != keySuffix
}

// publicKind reports whether kind can be that of a public key of this family. JWTs and raw keys:
// only Ed25519 keys are just bytes.
func publicKind(kind string, f family) bool {
	switch kind {
	case "", keyPEM, keyX509, keySPKI:
		return true
	case encHex, encBase64:
		return f == familyEd25519
	}
	return false
}

func decodePublicKey(kind, secret string) (crypto.PublicKey, error) {
	switch kind {
	case encHex:
		raw, err := hex.DecodeString(secret)
		return rawEd25519(raw, err)
	case encBase64:
		raw, err := decodeBase64(nil, []byte(secret))
		return rawEd25519(raw, err)
	case keySPKI:
		der, err := decodeBase64(nil, []byte(secret))
		if err != nil {
			return nil, errors.New("is not base64")
		}
		return publickey.ParseAny(der)
	}
	der, err := pemBytes(secret)
	if err != nil {
		return nil, err
	}
	return publickey.ParseAny(der)
}

func rawEd25519(raw []byte, err error) (crypto.PublicKey, error) {
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return nil, errors.New("is not the 32 bytes of an Ed25519 public key")
	}
	return ed25519.PublicKey(raw), nil
}

// pemBytes also reads PEM whose line breaks were lost in an environment variable.
func pemBytes(text string) ([]byte, error) {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes, nil
	}
	text = strings.ReplaceAll(text, `\n`, "\n")
	_, rest, begun := strings.Cut(text, "-----BEGIN ")
	_, rest, named := strings.Cut(rest, "-----")
	body, _, ended := strings.Cut(rest, "-----END ")
	if !begun || !named || !ended {
		return nil, errors.New("is not PEM")
	}
	der, err := decodeBase64(nil, []byte(strings.Join(strings.Fields(body), "")))
	if err != nil {
		return nil, errors.New("is not PEM")
	}
	return der, nil
}

// fits checks that a public key is one for the scheme's algorithm, and one that is used at all.
func (v *Verifier) fits(public crypto.PublicKey) error {
	if err := publickey.Check(public); err != nil {
		return err
	}
	var ok bool
	switch public := public.(type) {
	case *rsa.PublicKey:
		ok = v.accepts(familyRSA) || v.accepts(familyPSS)
		if ok && public.N.BitLen() < minRSA {
			return fmt.Errorf("an RSA key of less than %d bits is not safe", minRSA)
		}
	case *ecdsa.PublicKey:
		ok = v.accepts(familyECDSA)
	case ed25519.PublicKey:
		ok = v.accepts(familyEd25519)
	}
	if !ok {
		return fmt.Errorf("a %T does not suit the algorithm", public)
	}
	return nil
}

// minRSA is the smallest accepted RSA modulus, in bits. Some providers are still at 1024.
const minRSA = 1024

// UsesPublicKeys reports whether requests are verified with public keys, which takes longer than
// with secrets, and may mean that keys have to be fetched.
func (s Scheme) UsesPublicKeys() bool {
	a, err := algorithmOf(s.Alg)
	tokens := a.family == familyJWT && !slices.ContainsFunc(s.Algs, func(name string) bool { return strings.HasPrefix(name, "HS") })
	return err == nil && (a.family.public() || tokens) || slices.ContainsFunc(s.Alt, Scheme.UsesPublicKeys)
}
