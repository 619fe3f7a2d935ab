package command

import (
	"fmt"
	"os"
	"strings"
)

// secretHelp is what the help of each command with --secret says about it.
const secretHelp = `A secret is given as it is, or better, since others can see a command's
arguments, as env:NAME or file:PATH. A line feed at the end, and a byte order
mark before it, are not part of the secret.`

// secrets resolves the values of --secret.
func secrets(values []string, env func(string) (string, bool)) ([]string, error) {
	resolved := make([]string, 0, len(values))
	for _, value := range values {
		secret, err := secret("--secret", value, env)
		if err != nil {
			return nil, err
		}
		resolved = append(resolved, secret)
	}
	return resolved, nil
}

// secret resolves one value of a flag.
func secret(flag, value string, env func(string) (string, bool)) (string, error) {
	text := value
	if name, ok := strings.CutPrefix(value, "env:"); ok {
		found, set := env(name)
		if !set {
			return "", usage("%s: the environment variable %s is not set", flag, name)
		}
		text = clean(found)
	} else if path, ok := strings.CutPrefix(value, "file:"); ok {
		raw, err := os.ReadFile(path) //nolint:gosec // the user's own choice
		if err != nil {
			return "", fmt.Errorf("%s: read the secret: %w", flag, err)
		}
		text = clean(string(raw))
	}
	if text == "" {
		return "", usage("%s: it is empty", flag)
	}
	return text, nil
}

// clean takes off what editors and shells add to a secret, as the configuration does.
func clean(text string) string {
	text = strings.TrimPrefix(text, "\xef\xbb\xbf")
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
}

// refersToSecret reports whether a value says where the secret is, and not the secret.
func refersToSecret(value string) bool {
	return strings.HasPrefix(value, "env:") || strings.HasPrefix(value, "file:")
}
