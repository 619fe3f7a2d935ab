package provider

import (
	"errors"
	"time"

	"github.com/penstock/penstock/pkg/signature"
)

// ErrNoSigner says that a preset is verified by code that has no counterpart
// which signs.
var ErrNoSigner = errors.New("requests of this provider can only be verified")

// Sign makes r a request that Verify accepts at the time now, signed with the
// newest of the secrets, as the provider would: for samples and for tests. It
// writes to r's header, query and body. It fails with signature.ErrPublicKey when
// only the provider has the key, and with ErrNoSigner.
func (s *Source) Sign(r *signature.Request, now time.Time) error {
	e, ok := s.verifier.(engine)
	if !ok {
		return ErrNoSigner
	}
	filled := s.fill(r)
	if err := e.verifier.Sign(filled, e.keys, now); err != nil {
		return err
	}
	r.Header, r.RawQuery, r.Body = filled.Header, filled.RawQuery, filled.Body
	return nil
}
