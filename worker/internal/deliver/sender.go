package deliver

import (
	"fmt"
	"net/http"

	"github.com/penstock/penstock/pkg/credential"
	"github.com/penstock/penstock/pkg/signature"
)

// Sender is what is particular about the events of a source. The zero value is for one
// without credentials.
type Sender struct {
	// Credentials are where its requests hold them: they do not travel on.
	Credentials credential.Places
	// Secret adds the source's current secret to a request for a destination that wants it;
	// nil: it has none to add. A provider.Source is one.
	Secret interface {
		WriteCredential(r *signature.Request) error
	}
}

// addSecret adds the secret of the source, where its sender has it travel. It comes before
// the configured fields, which replace it.
func (s Sender) addSecret(req *http.Request, body []byte) error {
	if s.Secret == nil {
		return nil
	}
	r := &signature.Request{Method: req.Method, RawQuery: req.URL.RawQuery, Header: req.Header, Body: body}
	if err := s.Secret.WriteCredential(r); err != nil {
		return fmt.Errorf("add the source's secret: %w", err)
	}
	req.Header, req.URL.RawQuery = r.Header, r.RawQuery
	return nil
}
