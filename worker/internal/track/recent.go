package track

import (
	"encoding/base64"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/penstock/penstock/worker/internal/store"
)

// remembered is how many messages of a queue are recognised when they come again: more than
// can be stored without being acknowledged, and what the broker may forget of that.
const remembered = 2 * queuePrefetch

// keyLength is the length of a key, in bytes.
const keyLength = 11

// recent is what the store keeps instead of an offset where it reads a queue: how many
// messages there were, and which were the last ones. It travels as a position, so one
// transaction stores it with the records. The zero value is that of a new queue.
type recent struct {
	next int64
	keys []string // the oldest first
}

// parseRecent reads a position. One in a stream remembers nothing of a queue.
func parseRecent(p store.Position) recent {
	r := recent{next: p.Next}
	if len(p.LastID)%keyLength != 0 {
		return r
	}
	for key := range slices.Chunk([]byte(p.LastID), keyLength) {
		r.keys = append(r.keys, string(key))
	}
	return r
}

// add remembers a message, and reports whether it is new.
func (r *recent) add(id string) bool {
	key := shorten(id)
	if slices.Contains(r.keys, key) {
		return false
	}
	r.keys = append(r.keys, key)
	r.keys = r.keys[max(len(r.keys)-remembered, 0):]
	r.next++
	return true
}

func (r *recent) position() store.Position {
	return store.Position{Next: r.next, LastID: strings.Join(r.keys, "")}
}

// shorten makes a key of an id. A batch of records has a random one.
func shorten(id string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id)) // it never fails
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
