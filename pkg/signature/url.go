package signature

import (
	"fmt"
	"strings"
)

// path is the path that the sender used: that of the public URL, when there is one.
func (r *Request) path() string {
	if _, rest, ok := strings.Cut(r.PublicURL, "://"); ok {
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			return rest[i:]
		}
		return "/"
	}
	return r.Path
}

func withQuery(url, query string) string {
	if url == "" || query == "" {
		return url
	}
	return url + "?" + query
}

func (c *view) currentURL() string {
	if c.url != "" {
		return c.url
	}
	return withQuery(c.req.PublicURL, c.req.RawQuery)
}

// respell changes one spelling of a URL into another. It returns the same when it does not apply.
type respell func(string) string

// urlVariants compiles Scheme.URLVariants.
func urlVariants(names Strings) ([]respell, error) {
	var all []respell
	for _, name := range names {
		switch name {
		case "default-port":
			all = append(all, toggleDefaultPort)
		case "decoded":
			all = append(all, decodeDocumented().Replace)
		default:
			return nil, fmt.Errorf("%q is no variant; want default-port or decoded", name)
		}
	}
	return all, nil
}

// toggleDefaultPort adds or removes ":443" (https) or ":80" (http). Twilio signs either.
func toggleDefaultPort(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	port := map[string]string{"https": ":443", "http": ":80"}[scheme]
	if !ok || port == "" {
		return url
	}
	host, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host, tail = rest[:i], rest[i:]
	}
	if short, had := strings.CutSuffix(host, port); had {
		return scheme + "://" + short + tail
	}
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		return url
	}
	return scheme + "://" + host + port + tail
}

// decodeDocumented decodes the escapes that HubSpot lists for its version 3 signatures, no others.
func decodeDocumented() *strings.Replacer {
	var pairs []string
	for _, c := range ":/?@!$'()*,;" {
		pairs = append(pairs, fmt.Sprintf("%%%02X", c), string(c), fmt.Sprintf("%%%02x", c), string(c))
	}
	return strings.NewReplacer(pairs...)
}
