package capture

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func isCurl(text []byte) bool {
	text = bytes.TrimPrefix(text, []byte("$ "))
	return bytes.HasPrefix(text, []byte("curl ")) || bytes.HasPrefix(text, []byte(hereDocument))
}

// hereDocument is how 'penstock sign --curl' starts when the body is no text.
const hereDocument = "base64 -d <<'BODY' | "

// command is a curl command as far as it was read.
type command struct {
	Captured
	read  ReadFile
	stdin []byte
	data  [][]byte
	json  bool
	user  string
	verb  string
}

func parseCurl(text string, read ReadFile) (*Captured, error) {
	c := &command{read: read}
	c.URL, c.Header = &url.URL{}, http.Header{}
	text, err := c.input(strings.TrimPrefix(text, "$ "))
	if err != nil {
		return nil, err
	}
	words, err := split(text)
	if err != nil {
		return nil, err
	}
	if len(words) == 0 || words[0] != "curl" {
		return nil, ErrUnknown
	}
	if err := c.options(words[1:]); err != nil {
		return nil, err
	}
	return c.finish()
}

// input takes the here-document off.
func (c *command) input(text string) (string, error) {
	rest, ok := strings.CutPrefix(text, hereDocument)
	if !ok {
		return text, nil
	}
	line, document, _ := strings.Cut(rest, "\n")
	document, _, _ = strings.Cut(document, "BODY")
	body, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(document, "\n", ""))
	if err != nil {
		return "", errors.New("its body is not base64")
	}
	c.stdin = body
	return line, nil
}

// valued are the options whose value does not matter here.
var valued = []string{
	"-o", "--output", "-m", "--max-time", "--connect-timeout", "-x", "--proxy", "--cacert", "--cert", "-E", "--key",
	"-w", "--write-out", "--retry", "--resolve", "-e", "--referer", "-c", "--cookie-jar", "--interface", "-D", "--dump-header",
}

// short are the options of one letter that may be written together with their value.
const short = "XHduAbox"

func (c *command) options(words []string) error {
	for len(words) > 0 {
		name, value, attached := option(words[0])
		words = words[1:]
		if !strings.HasPrefix(name, "-") {
			if err := c.address(name); err != nil {
				return err
			}
			continue
		}
		if !slices.Contains(valued, name) && !known(name) {
			continue // a switch
		}
		if !attached {
			if len(words) == 0 {
				return fmt.Errorf("the command ends after %s", name)
			}
			value, words = words[0], words[1:]
		}
		if err := c.option(name, value); err != nil {
			return err
		}
	}
	return nil
}

// option splits "--name=value" and "-Xvalue".
func option(word string) (name, value string, attached bool) {
	if strings.HasPrefix(word, "--") {
		return strings.Cut(word, "=")
	}
	if len(word) > 2 && word[0] == '-' && strings.ContainsRune(short, rune(word[1])) {
		return word[:2], word[2:], true
	}
	return word, "", false
}

func known(name string) bool {
	return slices.Contains([]string{
		"-X", "--request", "-H", "--header", "-d", "--data", "--data-ascii", "--data-raw", "--data-binary", "--json",
		"-u", "--user", "-A", "--user-agent", "-b", "--cookie", "--url", "--data-urlencode", "-F", "--form",
	}, name)
}

func (c *command) option(name, value string) error {
	switch name {
	case "-X", "--request":
		c.verb = value
	case "-H", "--header":
		c.header(value)
	case "-A", "--user-agent":
		c.Header.Set("User-Agent", value)
	case "-b", "--cookie":
		c.Header.Set("Cookie", value)
	case "-u", "--user":
		c.user = value
	case "--url":
		return c.address(value)
	case "--data-raw":
		c.data = append(c.data, []byte(value))
	case "-d", "--data", "--data-ascii":
		return c.body(value, true)
	case "--data-binary":
		return c.body(value, false)
	case "--json":
		c.json = true
		return c.body(value, false)
	case "--data-urlencode", "-F", "--form":
		return fmt.Errorf("%s is not understood: capture the body that it makes", name)
	}
	return nil
}

func (c *command) header(field string) {
	if name, value, ok := strings.Cut(field, ":"); ok && strings.TrimSpace(value) != "" {
		c.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	} else if name, ok := strings.CutSuffix(field, ";"); ok {
		c.Header.Add(name, "")
	}
}

// body reads the value of --data or --data-binary. Of a file, the former drops
// the line ends.
func (c *command) body(value string, dropLines bool) error {
	name, isFile := strings.CutPrefix(value, "@")
	switch {
	case !isFile:
		c.data = append(c.data, []byte(value))
		return nil
	case name == "-" && c.stdin != nil:
		c.data = append(c.data, c.stdin)
		return nil
	case name == "-" || c.read == nil:
		return errors.New("the command reads the body from somewhere else: save it as a file, and use --body")
	}
	body, err := c.read(name)
	if err != nil {
		return fmt.Errorf("read the command's body: %w", err)
	}
	if dropLines {
		body = bytes.ReplaceAll(bytes.ReplaceAll(body, []byte("\r"), nil), []byte("\n"), nil)
	}
	c.data = append(c.data, body)
	return nil
}

func (c *command) address(text string) error {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := parseTarget(text)
	c.URL = u
	return err
}

func (c *command) finish() (*Captured, error) {
	if c.URL == nil || c.URL.Host == "" {
		return nil, errors.New("the command has no URL")
	}
	c.Body = bytes.Join(c.data, []byte("&"))
	c.Method = http.MethodGet
	if len(c.data) > 0 {
		c.Method = http.MethodPost
		c.contentType()
	}
	if c.verb != "" {
		c.Method = c.verb
	}
	if c.user != "" && c.Header.Get("Authorization") == "" {
		c.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(c.user)))
	}
	return &c.Captured, nil
}

func (c *command) contentType() {
	if c.Header.Get("Content-Type") != "" {
		return
	}
	kind := "application/x-www-form-urlencoded"
	if c.json {
		kind = "application/json"
	}
	c.Header.Set("Content-Type", kind)
}
