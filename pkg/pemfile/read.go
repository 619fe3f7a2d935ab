package pemfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"unicode/utf16"
)

// mark is the byte order mark of UTF-8. It also stands where files were put together.
var mark = []byte("\xef\xbb\xbf")

// read returns what a file holds, in UTF-8 and without marks.
func read(file string) ([]byte, error) {
	content, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("read certificates: %w", err)
	}
	return Clean(content), nil
}

// Clean returns the content of a file in UTF-8 and without byte order marks.
func Clean(content []byte) []byte {
	switch {
	case bytes.HasPrefix(content, []byte{0xff, 0xfe}):
		content = decode(content[2:], binary.LittleEndian)
	case bytes.HasPrefix(content, []byte{0xfe, 0xff}):
		content = decode(content[2:], binary.BigEndian)
	}
	return bytes.ReplaceAll(content, mark, nil)
}

// decode makes UTF-8 of UTF-16.
func decode(content []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(content)/2)
	for i := range units {
		units[i] = order.Uint16(content[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}
