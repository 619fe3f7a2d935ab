package signature

import (
	"errors"
	"net/http"
	"strings"
)

// sigLocation is a place where signatures are: one, or all header fields with a prefix.
type sigLocation struct {
	at     *value
	prefix string // canonical
}

func (c *compiler) sigLocation(text string) (sigLocation, error) {
	name, isHeader := strings.CutPrefix(text, "header:")
	prefix, numbered := strings.CutSuffix(name, "*")
	if isHeader && numbered {
		if prefix == "" {
			return sigLocation{}, errors.New("a header prefix is empty")
		}
		return sigLocation{prefix: http.CanonicalHeaderKey(prefix)}, nil
	}
	at, err := c.value(text)
	return sigLocation{at: at}, err
}

// read adds the signatures at the location to the view. It reports whether there is anything there.
func (l sigLocation) read(c *view, g *grammar) (present bool, why Reason) {
	if l.prefix != "" {
		return l.readNumbered(c, g)
	}
	text, st := l.at.text(c)
	switch st {
	case ambiguous:
		return true, AmbiguousSignature
	case malformed:
		return true, MalformedBody
	case found:
		return true, g.read(c, text)
	default:
		return false, None
	}
}

func (l sigLocation) readNumbered(c *view, g *grammar) (present bool, why Reason) {
	for name, values := range c.req.Header {
		if !strings.HasPrefix(name, l.prefix) {
			continue
		}
		text, st := single(values)
		if st == ambiguous {
			return true, AmbiguousSignature
		}
		if st == found {
			present = true
			if why := g.read(c, text); why != None {
				return true, why
			}
		}
	}
	return present, None
}
