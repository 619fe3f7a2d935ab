package signature

import (
	"crypto"
	"fmt"
	"strings"

	// The digests that crypto.Hash names.
	_ "crypto/md5"  //nolint:gosec // some providers know nothing better
	_ "crypto/sha1" //nolint:gosec // some providers know nothing better
	_ "crypto/sha256"
	_ "crypto/sha512"
)

// The algorithms that sign nothing.
const (
	algNone  = "none"  // verifies nothing
	algToken = "token" // the request carries the secret itself
)

// family is a kind of algorithm: what its keys are and what it does with them.
type family int

const (
	familyNone family = iota
	familyHMAC
	familyHash
	familyToken
	familyJWT
	familyEd25519
	familyECDSA
	familyRSA
	familyPSS
)

// public reports whether the family verifies with public keys.
func (f family) public() bool { return f >= familyEd25519 }

// algorithm is a family with a digest.
type algorithm struct {
	family family
	hash   crypto.Hash
}

func algorithmOf(name string) (algorithm, error) {
	switch name {
	case algNone:
		return algorithm{familyNone, 0}, nil
	case algToken:
		return algorithm{familyToken, 0}, nil
	case "jwt":
		return algorithm{familyJWT, 0}, nil
	case "ed25519":
		return algorithm{familyEd25519, 0}, nil
	}
	end := strings.LastIndexByte(name, '-')
	if end > 0 {
		f, known := map[string]family{
			"hmac": familyHMAC, "hash": familyHash, "ecdsa": familyECDSA, "rsa": familyRSA, "rsa-pss": familyPSS,
		}[name[:end]]
		h := digest(name[end+1:])
		if known && h != 0 && (h != crypto.MD5 || f == familyHash) {
			return algorithm{f, h}, nil
		}
	}
	return algorithm{}, fmt.Errorf("%q is no algorithm", name)
}

// digest returns zero for an unknown name.
func digest(name string) crypto.Hash {
	return map[string]crypto.Hash{
		"md5": crypto.MD5, "sha1": crypto.SHA1, "sha256": crypto.SHA256, "sha384": crypto.SHA384, "sha512": crypto.SHA512,
	}[name]
}
