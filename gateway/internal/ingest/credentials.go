package ingest

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// stripped returns the credential headers that do not travel with the event: all
// but those that the signature scheme looks at, which a receiver needs to verify
// the request again.
func stripped(credentials []string, scheme signature.Scheme) []string {
	signed := headersOf(scheme)
	return slices.DeleteFunc(slices.Clone(credentials), func(name string) bool {
		return slices.Contains(signed, strings.ToLower(name))
	})
}

// headersOf lists the header fields that a scheme mentions anywhere, in lower
// case. The scheme's own text is what says so, in each of its many fields.
func headersOf(scheme signature.Scheme) []string {
	text, err := json.Marshal(scheme)
	if err != nil {
		return nil // strings, numbers and lists always marshal
	}
	var names []string
	for _, match := range regexp.MustCompile(`header:([A-Za-z0-9_-]+)`).FindAllSubmatch(text, -1) {
		names = append(names, strings.ToLower(string(match[1])))
	}
	return names
}
