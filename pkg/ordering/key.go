package ordering

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/expression"
)

// MaxPartitions is the largest number of partitions of a route.
const MaxPartitions = 64

// Key tells which events belong together. The same text is the same key, whether it
// came as text or as a number.
type Key string

// None is the key of an event that may be delivered at any time.
const None Key = ""

// keySize is how many bytes of the digest make a key.
const keySize = 16

// NewKey makes the key of a text; None of the empty one.
func NewKey(text string) Key {
	if text == "" {
		return None
	}
	digest := sha256.Sum256([]byte(text))
	return Key(hex.EncodeToString(digest[:keySize]))
}

// Partition returns the partition that the key belongs to, from 0 to below the given
// number, which is at least 1. It never changes for that number.
func (k Key) Partition(partitions int) int {
	digest := sha256.Sum256([]byte(k))
	return int(binary.BigEndian.Uint64(digest[:8]) % uint64(partitions))
}

// Keyer is a compiled expression. It is safe for concurrent use.
type Keyer struct{ expression *expression.Expression }

// Compile checks and compiles the expression. The error is one line.
func Compile(expr string) (*Keyer, error) {
	x, err := expression.Compile(expr)
	if err != nil {
		return nil, err
	}
	if !expression.IsTextual(x.Output()) {
		return nil, fmt.Errorf("the result must be text, a number or a truth value, it is a %s", x.Output())
	}
	return &Keyer{x}, nil
}

// Of returns the event's key. It fails as [expression.Expression.Eval] does. The error
// never holds anything of the event.
func (k *Keyer) Of(ctx context.Context, e *event.Event) (Key, error) {
	out, err := k.expression.Eval(ctx, e)
	if err != nil {
		return None, fmt.Errorf("key: %w", err)
	}
	text, _, err := expression.Text(out)
	if err != nil {
		return None, fmt.Errorf("key: %w", err)
	}
	return NewKey(text), nil
}
