package pemfile

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
)

// Pair returns the certificate whose key is in another file, with the chain in order: first
// the certificate of the key, then each one's issuer.
func Pair(certFile, keyFile string) (tls.Certificate, error) {
	certs, err := read(certFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := read(keyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, first := tls.X509KeyPair(certs, key)
	if first == nil && inOrder(pair.Certificate) {
		return pair, nil
	}
	chain, err := parse(certs)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("read certificates: %s: %w", certFile, err)
	}
	for _, leaf := range chain {
		pair, err := tls.X509KeyPair(encode(ordered(leaf, chain)), key)
		if err == nil {
			return pair, nil
		}
	}
	return tls.Certificate{}, fmt.Errorf("read certificates: %s with the key in %s: %w", certFile, keyFile, first)
}

func parse(content []byte) (chain []*x509.Certificate, err error) {
	for {
		var block *pem.Block
		if block, content = pem.Decode(content); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return nil, errors.New("no certificate")
	}
	return chain, nil
}

// ordered returns the chain from leaf upwards, and behind it what does not belong to it.
func ordered(leaf *x509.Certificate, chain []*x509.Certificate) []*x509.Certificate {
	left := slices.Clone(chain)
	var out []*x509.Certificate
	for next := leaf; next != nil; next = issuerOf(next, left) {
		out = append(out, next)
		left = slices.DeleteFunc(left, next.Equal)
	}
	return append(out, left...)
}

func issuerOf(c *x509.Certificate, among []*x509.Certificate) *x509.Certificate {
	for _, other := range among {
		if bytes.Equal(other.RawSubject, c.RawIssuer) && isSignedBy(c, other) {
			return other
		}
	}
	return nil
}

func isSignedBy(c, issuer *x509.Certificate) bool {
	return issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

func encode(chain []*x509.Certificate) []byte {
	var out []byte
	for _, c := range chain {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out
}

// inOrder reports whether each certificate is followed by its issuer.
func inOrder(chain [][]byte) bool {
	for i := range len(chain) - 1 {
		c, err := x509.ParseCertificate(chain[i])
		if err != nil {
			return true // what cannot be parsed here is no matter of order
		}
		next, err := x509.ParseCertificate(chain[i+1])
		if err != nil || !bytes.Equal(next.RawSubject, c.RawIssuer) {
			return false
		}
	}
	return true
}
