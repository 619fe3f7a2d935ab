//go:build bench

package e2e

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// gun is one keep-alive connection that sends events of 1 KiB. It spends as little as it
// can on each, since it shares the processors with what is measured.
type gun struct {
	conn    net.Conn
	reader  *bufio.Reader
	mac     hash.Hash
	request []byte // with room for the signature, the delivery's id and the event's number
	head    int    // length of the header
	sum     []byte
}

// gunRequest is what GitHub sends, less what does not matter here.
const gunRequest = "POST /in/github HTTP/1.1\r\nHost: hooks.example.com\r\nUser-Agent: GitHub-Hookshot/044aadd\r\nAccept: */*\r\n" +
	"Content-Type: application/json\r\nX-GitHub-Event: push\r\nX-GitHub-Hook-ID: 292430182\r\n" +
	"X-GitHub-Delivery: DDDDDDDDDDDDDDDD\r\nX-Hub-Signature-256: sha256=SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS\r\n" +
	"Content-Length: 1024\r\n\r\n"

// bullets numbers all events of a run: no two are the same.
var bullets atomic.Uint64

func newGun(t *testing.T, address string, secure bool) *gun {
	t.Helper()
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	var conn net.Conn
	var err error
	if secure {
		conn, err = tls.DialWithDialer(dialer, "tcp", address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
	} else {
		conn, err = dialer.Dial("tcp", address)
	}
	require.NoError(t, err)
	body := `{"number":"DDDDDDDDDDDDDDDD","padding":"`
	body += strings.Repeat("x", 1024-len(body)-2) + `"}`
	return &gun{
		conn: conn, reader: bufio.NewReader(conn), mac: hmac.New(sha256.New, []byte(githubSecret)),
		request: []byte(gunRequest + body), head: len(gunRequest),
	}
}

func (g *gun) close() { _ = g.conn.Close() }

// shoot sends the next event and returns the status of its answer.
func (g *gun) shoot() (int, error) {
	g.aim(bullets.Add(1))
	if err := g.conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return 0, err
	}
	if _, err := g.conn.Write(g.request); err != nil {
		return 0, err
	}
	return g.answer()
}

// aim writes the event's number and signature into the request.
func (g *gun) aim(n uint64) {
	number := fmt.Appendf(make([]byte, 0, 16), "%016x", n)
	head, body := g.request[:g.head], g.request[g.head:]
	copy(head[bytes.Index(head, []byte("X-GitHub-Delivery: "))+19:], number)
	copy(body[11:], number)
	g.mac.Reset()
	g.mac.Write(body)
	g.sum = g.mac.Sum(g.sum[:0])
	hex.Encode(head[bytes.Index(head, []byte("sha256="))+7:], g.sum)
}

// answer reads a response with a Content-Length, or with none and no body.
func (g *gun) answer() (int, error) {
	line, err := g.reader.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, err
	}
	length := 0
	for {
		line, err := g.reader.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		if name, value, _ := bytes.Cut(line, []byte(": ")); bytes.EqualFold(name, []byte("content-length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, err
			}
		}
	}
	_, err = io.CopyN(io.Discard, g.reader, int64(length))
	return status, err
}
