package signature

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // some providers sign an MD5 of the body inside of an HMAC
	"crypto/sha1" //nolint:gosec // some providers sign with SHA-1
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"hash/crc32"
	"net/url"
	"strconv"
	"strings"
)

// filter changes a value.
type filter func(*view, []byte) ([]byte, state)

// pure makes a filter of a function that cannot fail.
func pure(f func([]byte) []byte) filter {
	return func(_ *view, data []byte) ([]byte, state) { return f(data), found }
}

func (c *compiler) filter(text string) (filter, error) {
	name, arg, hasArg := strings.Cut(text, ":")
	if hasArg {
		return pathFilter(name, arg)
	}
	if f := hashFilter(name); f != nil {
		return counted(f), nil
	}
	if f := plainFilter(name); f != nil {
		return pure(f), nil
	}
	if f := answerFilter(name); f != nil {
		if !c.answer {
			return nil, fmt.Errorf("the filter %q is only possible in answers", name)
		}
		return f, nil
	}
	switch name {
	case "urldecode":
		return urldecode, nil
	case "jsontype":
		return jsonType, nil
	}
	return nil, fmt.Errorf("%q is no filter", text)
}

// counted is pure for what hashes all that it is given.
func counted(f func([]byte) []byte) filter {
	return func(c *view, data []byte) ([]byte, state) {
		c.work.Hashed += len(data)
		return f(data), found
	}
}

func hashFilter(name string) func([]byte) []byte {
	switch name {
	case "md5":
		return func(b []byte) []byte { return toHex(sum(md5.New, b)) }
	case "md5b64":
		return func(b []byte) []byte { return toBase64(sum(md5.New, b)) }
	case "sha1":
		return func(b []byte) []byte { return toHex(sum(sha1.New, b)) }
	case "sha256":
		return func(b []byte) []byte { return toHex(sum(sha256.New, b)) }
	case "sha256b64":
		return func(b []byte) []byte { return toBase64(sum(sha256.New, b)) }
	case "sha512":
		return func(b []byte) []byte { return toHex(sum(sha512.New, b)) }
	case "crc32":
		return func(b []byte) []byte { return strconv.AppendUint(nil, uint64(crc32.ChecksumIEEE(b)), 10) }
	}
	return nil
}

func plainFilter(name string) func([]byte) []byte {
	switch name {
	case "lower":
		return func(b []byte) []byte { return []byte(strings.ToLower(string(b))) }
	case "upper":
		return func(b []byte) []byte { return []byte(strings.ToUpper(string(b))) }
	case "b64":
		return toBase64
	case "b64url":
		return func(b []byte) []byte { return base64.RawURLEncoding.AppendEncode(nil, b) }
	}
	return nil
}

// answerFilter returns the filters that only make sense in the answer to a handshake.
func answerFilter(name string) filter {
	keyed := func(h func() hash.Hash, write func([]byte) []byte) filter {
		return func(c *view, data []byte) ([]byte, state) {
			c.work.Hashed += len(data)
			mac := hmac.New(h, c.secret)
			_, _ = mac.Write(data)
			return write(mac.Sum(nil)), found
		}
	}
	switch name {
	case "hmac256hex":
		return keyed(sha256.New, toHex)
	case "hmac256b64":
		return keyed(sha256.New, toBase64)
	case "hmac1hex":
		return keyed(sha1.New, toHex)
	case "json":
		return pure(quote)
	}
	return nil
}

func urldecode(_ *view, data []byte) ([]byte, state) {
	text, err := url.QueryUnescape(string(data))
	if err != nil {
		return nil, absent
	}
	return []byte(text), found
}

func jsonType(_ *view, data []byte) ([]byte, state) {
	kind := jsonKind(data)
	if kind == "" {
		return nil, absent
	}
	return []byte(kind), found
}

// pathFilter compiles the filters that look into a document.
func pathFilter(name, path string) (filter, error) {
	var open func(dst, data []byte) []byte
	switch name {
	case "b64json":
		open = fromBase64
	case "jwt":
		open = func(dst, token []byte) []byte { return jwsPart(dst, token, 1) }
	case "jwthead":
		open = func(dst, token []byte) []byte { return jwsPart(dst, token, 0) }
	default:
		return nil, fmt.Errorf("%q is no filter with an argument", name)
	}
	find, err := jsonFinder(path)
	if err != nil {
		return nil, err
	}
	return func(c *view, data []byte) ([]byte, state) {
		c.opened = open(c.opened[:0], data)
		text, st := find(c.opened)
		return []byte(text), st
	}, nil
}

// jwsPart decodes a part of a compact JWS, with or without "Bearer " before it. The payload of a
// detached one is empty, and so is a header that is too long.
func jwsPart(dst, token []byte, part int) []byte {
	head, rest, hasPayload := bytes.Cut(token[bytes.LastIndexByte(token, ' ')+1:], []byte("."))
	payload, sig, hasSig := bytes.Cut(rest, []byte("."))
	if !hasPayload || !hasSig || bytes.IndexByte(sig, '.') >= 0 || len(head) > maxHead {
		return dst
	}
	if part == 0 {
		return fromBase64(dst, head)
	}
	return fromBase64(dst, payload)
}

// fromBase64 appends what data stands for, or nothing when it is no base64.
func fromBase64(dst, data []byte) []byte {
	decoded, err := decodeBase64(dst, data)
	if err != nil {
		return dst
	}
	return decoded
}

func sum(h func() hash.Hash, data []byte) []byte {
	state := h()
	_, _ = state.Write(data)
	return state.Sum(nil)
}

func toHex(data []byte) []byte { return hex.AppendEncode(nil, data) }

func toBase64(data []byte) []byte { return base64.StdEncoding.AppendEncode(nil, data) }

// quote writes data as a JSON string.
func quote(data []byte) []byte {
	quoted, err := json.Marshal(string(data))
	if err != nil {
		return nil // a string always encodes
	}
	return quoted
}
