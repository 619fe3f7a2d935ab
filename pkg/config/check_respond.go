package config

import (
	"maps"
	"net/http"
	"regexp"
	"slices"

	"golang.org/x/net/http/httpguts"

	"github.com/penstock/penstock/pkg/config/internal/strict"
	"github.com/penstock/penstock/pkg/nearest"
)

// maxAnswer is the largest body of an answer, in bytes.
const maxAnswer = 16 << 10

// placeholder is a word in braces, which no one writes for its own sake.
var placeholder = regexp.MustCompile(`\{([A-Za-z_]\w*)\}`)

// respond checks what the sender of an accepted event is answered.
func (c *checker) respond(path string, s *Source) {
	r := s.Respond
	if s.Provider != "" {
		c.failf(path, "a provider expects an answer of its own, so the key belongs to a source without a provider")
		return
	}
	status, body := strict.Key(path, "status"), strict.Key(path, "body")
	if (r.Status < 200 || r.Status > 299) && !c.broken(path, "status") {
		c.failf(status, "the status is 200 to 299: any other one says that the event was not accepted")
	}
	bare := r.Status == http.StatusNoContent || r.Status == http.StatusResetContent
	switch {
	case bare && r.Body != "":
		c.failf(body, "an answer with the status %d has no body", r.Status)
	case len(r.Body) > maxAnswer:
		c.failf(body, "the body has at most %s", Size(maxAnswer))
	}
	c.placeholders(body, r.Body)
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		c.answerField(strict.Key(strict.Key(path, "headers"), name), name, r.Headers[name])
	}
}

// answerField checks a header field of an answer. The gateway sets some by itself.
func (c *checker) answerField(path, name, value string) {
	switch {
	case !httpguts.ValidHeaderFieldName(name):
		c.failf(path, "is not the name of a header field")
	case name != http.CanonicalHeaderKey(name):
		c.failf(path, "write the field as %s", http.CanonicalHeaderKey(name))
	case reserved(name, false) || slices.Contains([]string{"Date", "Server-Timing", "Retry-After", "Strict-Transport-Security"}, name):
		c.failf(path, "this field is set by the gateway")
	case !httpguts.ValidHeaderFieldValue(value):
		c.failf(path, "the value has characters that a header field cannot have, such as a line break")
	}
	c.placeholders(path, value)
}

// placeholders checks that what looks like one is one.
func (c *checker) placeholders(path, text string) {
	known := []string{"id", "receivedAt"}
	for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(known, found[1]) {
			c.failf(path, "there is no {%s}%s; known here: {id}, {receivedAt}", found[1], nearest.DidYouMean(found[1], known))
			return
		}
	}
}
