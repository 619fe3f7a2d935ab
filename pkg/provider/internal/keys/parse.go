package keys

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/penstock/penstock/pkg/publickey"
)

// ParsePEM reads a public key, also when the line breaks of the PEM were lost.
func ParsePEM(text []byte) (crypto.PublicKey, error) {
	if block, _ := pem.Decode(text); block != nil {
		return ParseDER(block.Bytes)
	}
	_, rest, begun := strings.Cut(string(text), "-----BEGIN PUBLIC KEY-----")
	encoded, _, ended := strings.Cut(rest, "-----END PUBLIC KEY-----")
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), ""))
	if !begun || !ended || err != nil {
		return nil, errors.New("parse key: it is no PEM")
	}
	return ParseDER(der)
}

// ParseDER reads a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
func ParseDER(der []byte) (crypto.PublicKey, error) {
	key, err := publickey.Parse(der)
	if err != nil {
		return nil, fmt.Errorf("parse key: %w", err)
	}
	return key, nil
}

// ParseCertificate reads the first certificate of a PEM document.
func ParseCertificate(document []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(document)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("%w: parse certificate: it is no PEM", ErrUnavailable)
	}
	certificate, err := publickey.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w: parse certificate: %w", ErrUnavailable, err)
	}
	return certificate, nil
}
