package pemfile

import (
	"crypto/x509"
	"fmt"
)

// Pool returns the certificates of a file as authorities.
func Pool(file string) (*x509.CertPool, error) {
	content, err := read(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		return nil, fmt.Errorf("read certificates: %s holds no certificate in PEM", file)
	}
	return pool, nil
}
