package signature

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
)

// verifyDigest checks one signature over a digest.
func (a algorithm) verifyDigest(k *key, digest, sig []byte) bool {
	switch public := k.public.(type) {
	case *ecdsa.PublicKey:
		return a.family == familyECDSA && ecdsa.VerifyASN1(public, digest, sig)
	case *rsa.PublicKey:
		if a.family == familyPSS {
			// Senders pick their own salt length.
			options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto, Hash: a.hash}
			return rsa.VerifyPSS(public, a.hash, digest, sig, options) == nil
		}
		return a.family == familyRSA && rsa.VerifyPKCS1v15(public, a.hash, digest, sig) == nil
	}
	return false
}

// verifyMessage checks one Ed25519 signature.
func verifyMessage(k *key, message, sig []byte) bool {
	public, ok := k.public.(ed25519.PublicKey)
	return ok && len(sig) == ed25519.SignatureSize && ed25519.Verify(public, message, sig)
}
