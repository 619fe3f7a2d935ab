package provider

import (
	"encoding/base64"
	"io"

	"github.com/penstock/penstock/pkg/signature"
)

// neonForm is the payload of Neon's detached JWS: "time.body", with the body in
// base64url. The scheme encodes it once more, as every JWS payload is.
func neonForm(r *signature.Request) *signature.Request {
	at := r.Header.Get("X-Neon-Timestamp")
	if at == "" {
		return nil
	}
	return withSigned(r, func(w io.Writer) {
		writeAll(w, at, ".")
		encoder := base64.NewEncoder(base64.RawURLEncoding, w)
		_, _ = encoder.Write(r.Body) // a message takes everything
		_ = encoder.Close()
	})
}
