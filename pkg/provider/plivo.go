package provider

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// plivoForm is what version 3 of Plivo's signature covers: the URL with its query
// in order, the parameters in order, and the nonce.
func plivoForm(r *signature.Request) *signature.Request {
	if r.Header.Get("X-Plivo-Signature-V3") == "" {
		return r // version 2 is plain data
	}
	query, queryErr := url.ParseQuery(r.RawQuery)
	params, paramsErr := url.ParseQuery(string(r.Body))
	if queryErr != nil || paramsErr != nil {
		return nil
	}
	text := r.PublicURL
	if len(query)+len(params) > 0 {
		text += "?"
	}
	switch {
	case r.Method == http.MethodGet:
		maps.Copy(query, params)
		text += joinSorted(query, "=", "&")
	case len(query) > 0:
		text = strings.TrimRight(text+joinSorted(query, "=", "&")+"."+joinSorted(params, "", ""), ".")
	default:
		text += joinSorted(params, "", "")
	}
	return withBody(r, []byte(text+"."+r.Header.Get("X-Plivo-Signature-V3-Nonce")))
}

// joinSorted writes the first value of each name, in the order of the names.
func joinSorted(values url.Values, equals, between string) string {
	pairs := make([]string, 0, len(values))
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		pairs = append(pairs, name+equals+values.Get(name))
	}
	return strings.Join(pairs, between)
}
