package publickey

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"math"
)

const (
	// MaxRSABits is the largest RSA modulus. One signature more takes time with the square of it.
	MaxRSABits = 4096
	// MaxDER is the largest key or certificate, in bytes of its DER.
	MaxDER = 8 << 10
	// MaxChain is the largest number of certificates in a chain, the root included.
	MaxChain = 4
)

// Check reports, as an error, a key that is not to be used: of another kind, of another
// size, or broken. It does no work that depends on the size of the key.
func Check(key crypto.PublicKey) error {
	switch key := key.(type) {
	case ed25519.PublicKey:
		if len(key) != ed25519.PublicKeySize {
			return fmt.Errorf("an Ed25519 key has %d bytes; this one has %d", ed25519.PublicKeySize, len(key))
		}
		return nil
	case *ecdsa.PublicKey:
		return checkCurve(key)
	case *rsa.PublicKey:
		return checkRSA(key)
	default:
		return fmt.Errorf("a %T is not a key on P-256, P-384 or P-521, an Ed25519 key, or an RSA key", key)
	}
}

func checkCurve(key *ecdsa.PublicKey) error {
	switch key.Curve {
	case elliptic.P256(), elliptic.P384(), elliptic.P521():
	default:
		return errors.New("the curve is not P-256, P-384 or P-521")
	}
	if _, err := key.ECDH(); err != nil {
		return errors.New("the key is not a point on its curve")
	}
	return nil
}

func checkRSA(key *rsa.PublicKey) error {
	switch {
	case key.N == nil || key.N.Sign() <= 0:
		return errors.New("the RSA key has no modulus")
	case key.N.BitLen() > MaxRSABits:
		return fmt.Errorf("the RSA key has %d bits; use one of at most %d", key.N.BitLen(), MaxRSABits)
	case key.E < 3 || key.E > math.MaxInt32 || key.E%2 == 0:
		return errors.New("the RSA key has an exponent that is not odd or not between 3 and 2^31")
	default:
		return nil
	}
}
