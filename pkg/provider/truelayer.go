package provider

import (
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

const truelayerField = "Tl-Signature"

// truelayerForm is the payload of TrueLayer's detached JWS: the request line, the
// header fields that the token lists, and the body. The signature is turned from
// the form of JWS (RFC 7518 section 3.4) to the one of ASN.1.
func truelayerForm(r *signature.Request) *signature.Request {
	head, sig, ok := strings.Cut(r.Header.Get(truelayerField), "..")
	if !ok {
		return nil
	}
	fields, ok := truelayerFields(head)
	der, converted := asn1Signature(sig)
	if !ok || !converted {
		return nil
	}
	form := withSigned(r, func(w io.Writer) {
		writeAll(w, r.Method, " ", pathOf(r), "\n")
		for _, name := range fields {
			writeAll(w, name, ": ", r.Header.Get(name), "\n")
		}
		_, _ = w.Write(r.Body) // a message takes everything
	})
	form.Header = http.Header{truelayerField: {head + ".." + der}}
	return form
}

// writeAll writes texts of a header to what is signed.
func writeAll(w io.Writer, texts ...string) {
	for _, text := range texts {
		_, _ = io.WriteString(w, text) // a message takes everything
	}
}

// truelayerFields reads the protected header of the JWS.
func truelayerFields(encoded string) (fields []string, ok bool) {
	var head struct {
		Alg     string `json:"alg"`
		Version string `json:"tl_version"`
		Fields  string `json:"tl_headers"`
	}
	data, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || json.Unmarshal(data, &head) != nil || head.Alg != "ES512" || head.Version != "2" {
		return nil, false
	}
	return splitNames(head.Fields)
}

func asn1Signature(encoded string) (string, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || len(raw) == 0 || len(raw)%2 != 0 {
		return "", false
	}
	half := len(raw) / 2
	der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
	return base64.RawURLEncoding.EncodeToString(der), err == nil
}

// pathOf is the path that the provider was told, or else the one received.
func pathOf(r *signature.Request) string {
	if u, err := url.Parse(r.PublicURL); err == nil && r.PublicURL != "" {
		return u.EscapedPath()
	}
	return r.Path
}
