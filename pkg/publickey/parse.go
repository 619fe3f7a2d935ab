package publickey

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
)

// Parse reads a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) in DER, and checks the key.
func Parse(der []byte) (crypto.PublicKey, error) {
	if err := checkSize(der); err != nil {
		return nil, err
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, errors.New("it is no public key in the form of PKIX")
	}
	return key, Check(key)
}

// ParseAny is Parse that also takes an RSA key in the form of PKCS #1, and the key of a
// certificate.
func ParseAny(der []byte) (crypto.PublicKey, error) {
	if err := checkSize(der); err != nil {
		return nil, err
	}
	if key, err := x509.ParsePKIXPublicKey(der); err == nil {
		return key, Check(key)
	}
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return key, Check(key)
	}
	if certificate, err := x509.ParseCertificate(der); err == nil {
		return certificate.PublicKey, Check(certificate.PublicKey)
	}
	return nil, errors.New("it is no public key and no certificate")
}

// ParseCertificate reads a certificate (RFC 5280) in DER, and checks its key. It verifies
// no signature.
func ParseCertificate(der []byte) (*x509.Certificate, error) {
	if err := checkSize(der); err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, errors.New("it is no certificate")
	}
	if err := Check(certificate.PublicKey); err != nil {
		return nil, fmt.Errorf("its key: %w", err)
	}
	return certificate, nil
}

func checkSize(der []byte) error {
	if len(der) > MaxDER {
		return fmt.Errorf("it has %d bytes; it may have %d", len(der), MaxDER)
	}
	return nil
}
