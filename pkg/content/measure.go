package content

import "math/bits"

// Size is what the values of a JSON document take once they are built. Its zero value is
// that of no document.
type Size struct {
	bytes        int64
	values, keys int // the most that wait at once for the end of their list or object
}

// Bytes is how many bytes of memory Parse takes at most, but for the text itself.
func (s Size) Bytes() int64 { return s.bytes + 16*int64(s.values+s.keys) }

// What values take in memory, in bytes: as an interface, and in Go's maps, which have groups
// of eight slots.
const (
	sizeOfValue = 16
	sizeOfText  = 16
	sizeOfList  = 24
	sizeOfMap   = 48
	sizeOfGroup = 288 // 8 + 8 × (16 + 16), and what its size class wastes
	sizeOfTable = 96
	wasted      = 32 // of each group, where there are many in one piece of memory
)

// Measure checks a JSON document and returns what its values would take. It builds nothing:
// it costs no memory, and time in proportion to the text. It fails with ErrNoJSON, ErrDepth
// or ErrNumber.
func Measure(text string) (Size, error) {
	m := measurer{lexer: lexer{text: text}}
	if err := m.value(0); err != nil {
		return Size{}, err
	}
	if m.peek(); m.pos < len(m.text) {
		return Size{}, ErrNoJSON
	}
	return m.size, nil
}

type measurer struct {
	lexer

	size         Size
	values, keys int // that wait now
}

// value measures one value, which then waits.
func (m *measurer) value(depth int) (err error) {
	if depth > MaxDepth {
		return ErrDepth
	}
	switch m.peek() {
	case '{':
		err = m.object(depth + 1)
	case '[':
		err = m.list(depth + 1)
	case '"':
		err = m.string()
	case 't':
		err = m.readWord("true")
	case 'f':
		err = m.readWord("false")
	case 'n':
		err = m.readWord("null")
	default:
		m.size.bytes += sizeOfText
		_, err = m.readNumber()
	}
	m.values++
	m.size.values = max(m.size.values, m.values)
	return err
}

func (m *measurer) string() error {
	raw, escaped, err := m.readString()
	m.size.bytes += sizeOfText
	if escaped {
		m.size.bytes += int64(len(raw)) + sizeOfText
	}
	return err
}

func (m *measurer) object(depth int) error {
	values, keys := m.values, m.keys
	for more := m.first('}'); more; more = m.skip(',') {
		if err := m.string(); err != nil {
			return err
		}
		m.size.bytes -= sizeOfText // a key is within its map
		m.keys++
		m.size.keys = max(m.size.keys, m.keys)
		if !m.skip(':') {
			return ErrNoJSON
		}
		if err := m.value(depth); err != nil {
			return err
		}
	}
	m.size.bytes += sizeOfObject(m.keys - keys)
	m.values, m.keys = values, keys
	return m.last('}')
}

func (m *measurer) list(depth int) error {
	values := m.values
	for more := m.first(']'); more; more = m.skip(',') {
		if err := m.value(depth); err != nil {
			return err
		}
	}
	m.size.bytes += sizeOfList + sizeOfValue*int64(m.values-values)
	m.values = values
	return m.last(']')
}

// first skips an opening bracket, and reports whether anything but the closing one follows.
func (l *lexer) first(closing byte) bool {
	l.pos++
	return l.peek() != closing
}

// last skips a closing bracket.
func (l *lexer) last(closing byte) error {
	if !l.skip(closing) {
		return ErrNoJSON
	}
	return nil
}

// sizeOfObject is what a map with n keys takes.
func sizeOfObject(n int) int64 {
	switch {
	case n == 0:
		return sizeOfMap
	case n <= 8:
		return sizeOfMap + sizeOfGroup
	case n <= 56: // a table is full at seven eighths, and has a power of two of slots
		return sizeOfMap + sizeOfTable + slots(n)/8*sizeOfGroup
	default:
		return sizeOfMap + sizeOfTable + slots(n)/8*(sizeOfGroup+wasted)
	}
}

func slots(keys int) int64 { return 1 << bits.Len(uint(keys*8/7)) }
