package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// maxSecret is how many bytes the file of a secret may have.
const maxSecret = 64 << 10

var (
	envReference = regexp.MustCompile(`\$\{([^}]*)\}`)
	envName      = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

	// Where values may be written as they are, but for header fields that are
	// credentials by their name.
	headerPath      = regexp.MustCompile(`^destinations\.[a-z0-9-]+\.headers(\..*|\[.*)$`)
	accountPath     = regexp.MustCompile(`^destinations\.[a-z0-9-]+\.(?:basic\.username|oauth2\.clientID|oauth2\.endpointParams([.[].*))$|^notifications\.channels\.[a-z0-9-]+\.email\.username$`)
	proxyPath       = regexp.MustCompile(`^(?:destinations|notifications\.channels)\.[a-z0-9-]+\.proxy$`)
	settingPath     = regexp.MustCompile(`^sources\.[a-z0-9-]+\.config[.[]`)
	credentialField = regexp.MustCompile(`(?i)auth|cookie|token|secret|key|pass|signature|credential`)
)

// resolver replaces references by the secrets that they stand for.
type resolver struct {
	lookup Lookup
	parts  []Part
	also   map[string]bool // sources whose secrets are resolved besides those of the parts
	files  files
}

// resolve reads the Secret that text refers to. No error quotes the text: it may
// be a secret that somebody wrote where a reference belongs.
func (r *resolver) resolve(path, text string) (any, error) {
	var value string
	var err error
	name, isFile := strings.CutPrefix(text, "file:")
	literal := false
	switch {
	case isFile:
		value, err = r.file(path, name)
	case envReference.MatchString(text):
		value, err = r.expand(path, text)
	case text != "" && literalAllowed(path, text):
		value, literal = text, true // it is no secret, so every process may have it
	default:
		return Secret{}, errors.New("a secret is never written here: use ${ENV_NAME} or file:/path")
	}
	switch {
	case err != nil:
		return Secret{}, err
	case !literal && !r.wanted(path):
		return Secret{}, nil
	case strings.TrimSpace(value) == "":
		return Secret{}, errors.New("the secret is empty")
	}
	return NewSecret(value), nil
}

// wanted reports whether the secrets of the part that path is in are resolved.
func (r *resolver) wanted(path string) bool {
	part, rest, _ := strings.Cut(path, ".")
	name, _, _ := strings.Cut(rest, ".")
	return r.has(Part(part)) || Part(part) == Sources && r.also[name]
}

// has reports whether the parts, of which none means all, hold part.
func (r *resolver) has(part Part) bool { return len(r.parts) == 0 || slices.Contains(r.parts, part) }

func (r *resolver) file(path, name string) (string, error) {
	if !filepath.IsAbs(name) {
		return "", errors.New("file: needs an absolute path, such as file:/run/secrets/name")
	}
	if !r.wanted(path) {
		return "", nil
	}
	data, err := r.files.file(name, maxSecret)
	if err != nil {
		return "", fmt.Errorf("%s %w", name, err)
	}
	text, err := cleanSecret(string(data))
	switch {
	case err != nil:
		return "", fmt.Errorf("%s %w", name, err)
	case strings.TrimSpace(text) == "":
		return "", fmt.Errorf("%s is empty", name)
	}
	return text, nil
}

// cleanSecret takes off what editors and shells add to a secret: one line break after it, and a byte
// order mark before it. A text in UTF-16 is no secret that a sender could have.
func cleanSecret(text string) (string, error) {
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		return "", errors.New("is UTF-16; write it in UTF-8")
	}
	text = strings.TrimPrefix(text, "\xef\xbb\xbf")
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"), nil
}

// expand replaces each ${NAME} within text.
func (r *resolver) expand(path, text string) (string, error) {
	var problems []string
	value := envReference.ReplaceAllStringFunc(text, func(ref string) string {
		name := ref[2 : len(ref)-1]
		if !envName.MatchString(name) {
			problems = append(problems, "between ${ and } stands the name of an environment variable")
			return ""
		}
		if !r.wanted(path) {
			return ""
		}
		found, ok := r.lookup(name)
		switch {
		case !ok:
			problems = append(problems, "the environment variable "+name+" is not set")
		case strings.TrimSpace(found) == "":
			problems = append(problems, "the environment variable "+name+" is empty")
		}
		clean, err := cleanSecret(found)
		if err != nil {
			problems = append(problems, "the environment variable "+name+" "+err.Error())
		}
		return clean
	})
	if len(problems) > 0 {
		return "", errors.New(strings.Join(problems, "; "))
	}
	return value, nil
}

// literalAllowed reports whether a text at path may be written as it is: a header field
// that carries no credential, a setting of a provider, what names an account, and a proxy
// without a password.
func literalAllowed(path, text string) bool {
	if proxyPath.MatchString(path) {
		return !strings.Contains(text, "@")
	}
	if field := headerPath.FindStringSubmatch(path); field != nil {
		return !credentialField.MatchString(field[1])
	}
	if account := accountPath.FindStringSubmatch(path); account != nil {
		return !credentialField.MatchString(account[1])
	}
	return settingPath.MatchString(path)
}
