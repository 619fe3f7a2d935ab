package pemfile

import (
	"crypto/x509"
	"fmt"
	"time"
)

// soon is how long before its end a certificate should have been renewed.
const soon = 14 * 24 * time.Hour

// Validity is when a certificate ends, and from when on it should have been renewed. The zero
// value stands for a certificate that is not there, or not known.
type Validity struct {
	Ends time.Time `json:"ends"`
	Due  time.Time `json:"due"`
}

// ValidityOf returns when a certificate, which may be nil, ends. Its renewal is due two weeks
// before, and for one that lives shortly, when a third of its life is left.
func ValidityOf(c *x509.Certificate) Validity {
	if c == nil {
		return Validity{}
	}
	left := min(soon, c.NotAfter.Sub(c.NotBefore)/3)
	return Validity{c.NotAfter.UTC(), c.NotAfter.Add(-left).UTC()}
}

// NearEnd reports whether the certificate should have been renewed by now.
func (v Validity) NearEnd(now time.Time) bool { return !v.Due.IsZero() && !now.Before(v.Due) }

// Leaf returns the first certificate of a file, which is the one that a process shows.
func Leaf(file string) (*x509.Certificate, error) {
	all, err := certificates(file)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// LastAuthority returns the certificate of a file of authorities that ends last. While a new one is
// beside an old one, the old one may end.
func LastAuthority(file string) (*x509.Certificate, error) {
	all, err := certificates(file)
	if err != nil {
		return nil, err
	}
	last := all[0]
	for _, c := range all[1:] {
		if c.NotAfter.After(last.NotAfter) {
			last = c
		}
	}
	return last, nil
}

// certificates returns those of a file, which are one at least.
func certificates(file string) ([]*x509.Certificate, error) {
	content, err := read(file)
	if err != nil {
		return nil, err
	}
	all, err := parse(content)
	if err != nil {
		return nil, fmt.Errorf("read certificates: %s: %w", file, err)
	}
	return all, nil
}
