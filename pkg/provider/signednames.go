package provider

import (
	"net/http"
	"strings"
)

// maxSignedNames is how many header fields a request can list as signed. Providers list a handful.
const maxSignedNames = 64

// splitNames reads a list of the header fields that are signed. It is false when there are more than
// maxSignedNames, and when one of them is there twice: what is listed is written once for each time.
func splitNames(list string) (names []string, ok bool) {
	seen := map[string]bool{}
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		key := http.CanonicalHeaderKey(name)
		if seen[key] || len(names) == maxSignedNames {
			return nil, false
		}
		seen[key] = true
		names = append(names, name)
	}
	return names, true
}
