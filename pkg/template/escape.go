package template

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

var (
	errEmptySegment = errors.New("a value for the path is empty")
	errDots         = errors.New("a value for the path leads out of its place")
	errField        = errors.New("a value for a header field has characters that a field cannot have, such as a line break")
)

// PathSegment escapes a value for one segment of a path: a slash in it separates nothing. It
// refuses an empty value, which would name another resource, and one with a segment of dots,
// which a receiver that decodes the path before it looks at it would follow.
func PathSegment(value string) (string, error) {
	if value == "" {
		return "", errEmptySegment
	}
	if slices.ContainsFunc(strings.FieldsFunc(value, isSlash), isDots) {
		return "", errDots
	}
	return url.PathEscape(value), nil
}

// CheckPath refuses a whole path, in its escaped form, that has a segment of dots.
func CheckPath(escaped string) error {
	for segment := range strings.SplitSeq(escaped, "/") {
		if plain, err := url.PathUnescape(segment); err != nil || isDots(plain) {
			return errDots
		}
	}
	return nil
}

func isSlash(r rune) bool { return r == '/' || r == '\\' }

func isDots(segment string) bool { return segment == "." || segment == ".." }

// Field lets a value through that a header field can have.
func Field(value string) (string, error) {
	if !httpguts.ValidHeaderFieldValue(value) {
		return "", errField
	}
	return value, nil
}

// Plain lets every value through: what follows escapes the whole.
func Plain(value string) (string, error) { return value, nil }
