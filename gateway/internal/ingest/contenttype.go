package ingest

import (
	"context"
	"mime"
	"net/http"
	"slices"
)

// contentType refuses media types that the source does not list, parameters
// such as charset aside (RFC 9110, section 8.3.1).
type contentType struct{}

func (contentType) Do(_ context.Context, r *Request) error {
	allowed := r.source.contentTypes
	if len(allowed) == 0 || r.HTTP.Method != http.MethodPost {
		return nil
	}
	media, _, err := mime.ParseMediaType(r.HTTP.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(allowed, media) {
		return refuse(KindContentType)
	}
	return nil
}
