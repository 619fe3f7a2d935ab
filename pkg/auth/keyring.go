package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
)

type digest = [sha256.Size]byte

// keyring holds named hashes.
type keyring struct {
	names   []string
	digests []digest
}

// newKeyring takes keys that were validated.
func newKeyring(keys []Key) keyring {
	var ring keyring
	for _, k := range keys {
		d, err := parseDigest(k.SHA256)
		if err != nil {
			continue // validated before; leaving a key out can only refuse
		}
		ring.names = append(ring.names, k.Name)
		ring.digests = append(ring.digests, d)
	}
	return ring
}

func parseDigest(text string) (d digest, err error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(d) {
		return d, errDigest
	}
	return digest(raw), nil
}

// find returns the name of the key with the secret's hash. It compares with
// every key, whichever matches, so its time depends on their number alone.
func (k keyring) find(secret string) (name string, found bool) {
	presented := sha256.Sum256([]byte(secret))
	at := -1
	for i := range k.digests {
		same := subtle.ConstantTimeCompare(presented[:], k.digests[i][:])
		at = subtle.ConstantTimeSelect(same, i, at)
	}
	if at < 0 {
		return "", false
	}
	return k.names[at], true
}
