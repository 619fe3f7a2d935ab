package event

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// NewID returns a new event id: a UUIDv7 (RFC 9562), which sorts by time.
// It is safe for concurrent use.
func NewID() string {
	entropy.Lock()
	id, err := uuid.NewV7FromReader(entropy.source)
	entropy.Unlock()
	if err != nil { // the system has no random source: nothing can work
		panic("event: " + err.Error())
	}
	return id.String()
}

// IDTime returns when an event id was made, to the millisecond, and whether it is one that NewID
// made.
func IDTime(id string) (time.Time, bool) {
	parsed, err := uuid.Parse(id)
	if err != nil || parsed.Version() != 7 {
		return time.Time{}, false
	}
	seconds, nanoseconds := parsed.Time().UnixTime()
	return time.Unix(seconds, nanoseconds).UTC(), true
}

// entropy is read ahead: asking the system for each id costs more than making it.
var entropy = struct {
	sync.Mutex

	source *bufio.Reader
}{source: bufio.NewReaderSize(rand.Reader, 1024)}

// MaxProviderID is the longest provider's id in bytes: it travels in a message's header
// and is looked up in an index.
const MaxProviderID = 255

// BoundID returns what an event keeps of the provider's id for it: the SHA-256 of one
// that is longer than MaxProviderID, and that of the body for an event without one,
// because the same body is the same event.
func BoundID(id string, body []byte) string {
	switch {
	case id == "":
		return digest(body)
	case len(id) > MaxProviderID:
		return digest([]byte(id))
	default:
		return id
	}
}

// IsDigest reports whether what an event keeps of a provider's id looks like what BoundID makes
// instead of one.
func IsDigest(id string) bool {
	sum, err := hex.DecodeString(id)
	return err == nil && len(sum) == sha256.Size && strings.ToLower(id) == id
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// MaxType is the longest event type in bytes. It leaves room for the source's
// name in an AMQP routing key, which ends at 255 bytes.
const MaxType = 160

// Untyped is the type of an event whose provider names none.
const Untyped = "untyped"

// CleanType makes a routing-key part of the type that a provider gave: white
// space, control characters and those that turn the direction of writing become "_", empty words between dots vanish, and
// what is longer than MaxType is cut. An empty type becomes Untyped.
func CleanType(raw string) string {
	if isClean(raw) {
		return raw
	}
	words := strings.FieldsFunc(raw, func(r rune) bool { return r == '.' })
	clean := strings.Map(cleanRune, strings.ToValidUTF8(strings.Join(words, "."), "_"))
	clean = strings.TrimRight(strings.ToValidUTF8(clean[:min(len(clean), MaxType)], ""), ".")
	if clean == "" {
		return Untyped
	}
	return clean
}

// isClean reports whether a type can stay as it is, as nearly all can.
func isClean(s string) bool {
	if s == "" || len(s) > MaxType {
		return false
	}
	before := byte('.')
	for i := range len(s) {
		c := s[i]
		if c == '.' && before == '.' || c >= utf8.RuneSelf || cleanRune(rune(c)) != rune(c) {
			return false
		}
		before = c
	}
	return before != '.'
}

// cleanRune replaces what would break a routing key, or change what a reader sees: control characters,
// those of C1 included, and the characters that turn the direction of writing.
func cleanRune(r rune) rune {
	if r <= ' ' || r == '*' || r == '#' || unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control) || unicode.IsSpace(r) {
		return '_'
	}
	return r
}

func equalFold(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }
