package doctor

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"time"
)

// How long before a certificate ends it deserves a look: what renews it by itself does
// so about a month before.
const (
	expiryNoticed = 21 * 24 * time.Hour
	expiryNear    = 3 * 24 * time.Hour
)

// expiry looks at the first certificate that ends, of a chain.
func (i *Installation) expiry(what string, chain []*x509.Certificate) Finding {
	first := chain[0]
	for _, c := range chain {
		if c.NotAfter.Before(first.NotAfter) {
			first = c
		}
	}
	const remedy = "Renew it; the processes read it again without a restart."
	left := first.NotAfter.Sub(i.Now())
	day := first.NotAfter.UTC().Format(time.DateOnly)
	switch {
	case i.Now().Before(first.NotBefore):
		return failure(what+" is not valid yet", "Look at the clock of this machine, and at the certificate.")
	case left <= 0:
		return failure(fmt.Sprintf("%s ended on %s", what, day), remedy)
	case left <= expiryNear:
		return failure(fmt.Sprintf("%s ends on %s", what, day), remedy)
	case left <= expiryNoticed:
		return warning(fmt.Sprintf("%s ends on %s", what, day), remedy)
	default:
		return ok(fmt.Sprintf("%s is valid until %s", what, day))
	}
}

// certificates looks at the files that this machine's settings name.
func (i *Installation) certificates(context.Context) []Finding {
	if len(i.Certificates) == 0 {
		return []Finding{skipped("no file with a certificate is named here", "Set PENSTOCK_TLS_CERT_FILE, PENSTOCK_AMQP_CERT_FILE or PENSTOCK_AMQP_CA_FILE as the processes have them.")}
	}
	var found []Finding
	for _, path := range i.Certificates {
		chain, err := readCertificates(path)
		if err != nil {
			found = append(found, failure(text(err), "Name a file in PEM that this user can read."))
			continue
		}
		found = append(found, i.expiry(path, chain))
	}
	return found
}

func readCertificates(path string) ([]*x509.Certificate, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the operator's own setting
	if err != nil {
		return nil, fmt.Errorf("read a certificate: %w", err)
	}
	var chain []*x509.Certificate
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return nil, fmt.Errorf("%s holds no certificate", path)
	}
	return chain, nil
}
