package signature

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
)

// encoding is one way of writing a signature.
type encoding struct {
	// decode appends what text stands for to dst.
	decode func(dst, text []byte) ([]byte, error)
	// encode appends the usual way of writing data to dst.
	encode func(dst, data []byte) []byte
}

// asWritten is the encoding of what is no bytes: a token is compared as it is.
func asWritten() *encoding {
	same := func(dst, text []byte) ([]byte, error) { return append(dst, text...), nil }
	return &encoding{same, func(dst, data []byte) []byte { return append(dst, data...) }}
}

func encodingOf(name string) (*encoding, error) {
	switch name {
	case encHex:
		return &encoding{hex.AppendDecode, hex.AppendEncode}, nil
	case encBase64:
		return &encoding{decodeBase64, base64.StdEncoding.AppendEncode}, nil
	case encBase64URL:
		return &encoding{decodeBase64URL, base64.RawURLEncoding.AppendEncode}, nil
	case encHexBase64:
		return &encoding{decodeHexInBase64, encodeHexInBase64}, nil
	}
	return nil, fmt.Errorf("%q is no encoding; want hex, base64, base64url or hex>base64", name)
}

// decodeBase64 accepts both alphabets, with and without padding.
func decodeBase64(dst, text []byte) ([]byte, error) {
	if bytes.ContainsAny(text, "-_") {
		return decodeBase64URL(dst, text)
	}
	return base64.RawStdEncoding.AppendDecode(dst, bytes.TrimRight(text, "="))
}

func decodeBase64URL(dst, text []byte) ([]byte, error) {
	return base64.RawURLEncoding.AppendDecode(dst, bytes.TrimRight(text, "="))
}

func decodeHexInBase64(dst, text []byte) ([]byte, error) {
	inner, err := decodeBase64(nil, text)
	if err != nil {
		return dst, err
	}
	return hex.AppendDecode(dst, inner)
}

func encodeHexInBase64(dst, data []byte) []byte {
	return base64.StdEncoding.AppendEncode(dst, hex.AppendEncode(nil, data))
}
