package settings

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// URL checks that value is a URL with one of the schemes, or nothing. A reserved character
// in its password would cut it short, and what is before that character would be taken for
// the host, and sent to a name server. The error quotes nothing of it.
func URL(name, value string, schemes ...string) error {
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	switch {
	case err != nil:
		return fmt.Errorf("%s: is not a URL; in a password, reserved characters are percent-encoded", name)
	case !slices.Contains(schemes, u.Scheme):
		return fmt.Errorf("%s: the URL begins with none of %s", name, strings.Join(schemes, ":, ")+":")
	case u.Fragment != "":
		return fmt.Errorf("%s: the URL has a # after its host; in a password it is written %%23", name)
	case strings.Contains(u.EscapedPath()+u.RawQuery, "@"):
		return fmt.Errorf("%s: the URL has an @ after its host; in a password, / is written %%2F and ? is written %%3F", name)
	}
	return nil
}
