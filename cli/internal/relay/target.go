package relay

import (
	"fmt"
	"net/url"
	"strings"
)

// Target is an application that events are forwarded to.
type Target struct {
	Source string // only events of this source; empty: of all
	URL    *url.URL
}

// ParseTargets reads targets as the command line has them: URL, or SOURCE=URL.
func ParseTargets(texts []string) ([]Target, error) {
	targets := make([]Target, 0, len(texts))
	for _, text := range texts {
		t, err := parseTarget(text)
		if err != nil {
			return nil, err
		}
		targets = append(targets, t)
	}
	return targets, nil
}

func parseTarget(text string) (Target, error) {
	var t Target
	address := text
	if source, rest, ok := strings.Cut(text, "="); ok && !strings.ContainsAny(source, ":/") {
		t.Source, address = source, rest
	}
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return t, fmt.Errorf("%s: not a URL such as http://localhost:3000/hooks, or SOURCE=URL", text)
	}
	t.URL = u
	return t, nil
}
