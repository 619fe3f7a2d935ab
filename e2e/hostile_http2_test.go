package e2e

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// flooder is a bare HTTP/2 connection to the gateway. What it reads is thrown away, but
// for the frames that seen counts.
type flooder struct {
	conn   net.Conn
	framer *http2.Framer
	seen   chan map[http2.FrameType]int // gets the counts when the connection ends
	sent   int                          // how often the last repeat did its thing
	cut    bool                         // and whether the gateway hung up before it was through
}

func (s *stack) dialHTTP2() *flooder {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	dialer := &tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}}
	conn, err := dialer.DialContext(ctx, "tcp", strings.TrimPrefix(s.url, "https://"))
	require.NoError(s.t, err)
	require.NoError(s.t, conn.SetDeadline(time.Now().Add(60*time.Second)))
	_, err = io.WriteString(conn, http2.ClientPreface)
	require.NoError(s.t, err)
	p := &flooder{conn: conn, framer: http2.NewFramer(conn, conn), seen: make(chan map[http2.FrameType]int, 1)}
	require.NoError(s.t, p.framer.WriteSettings())
	go p.read()
	s.t.Cleanup(func() { _ = conn.Close() })
	return p
}

func (p *flooder) read() {
	counts := map[http2.FrameType]int{}
	for {
		frame, err := p.framer.ReadFrame()
		if err != nil {
			p.seen <- counts
			return
		}
		counts[frame.Header().Type]++
	}
}

// block is a header block of a POST, and of further fields.
func block(more ...hpack.HeaderField) []byte {
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for _, f := range append([]hpack.HeaderField{
		{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "https"},
		{Name: ":authority", Value: "x"}, {Name: ":path", Value: "/in/open"},
	}, more...) {
		_ = e.WriteField(f) // a buffer takes every write
	}
	return b.Bytes()
}

// open opens a stream that sends no more than its header yet.
func (p *flooder) open(stream uint32, b []byte) error {
	return p.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: b, EndHeaders: true})
}

// repeat does it so often, or until it fails, as it does once the gateway has hung up. The
// short form is content with a tenth.
func (p *flooder) repeat(n int, do func(i int) error) {
	if !fullSize() {
		n /= 10
	}
	for p.sent = 0; p.sent < n && !p.cut; p.sent++ {
		p.cut = do(p.sent) != nil
	}
}

// floods are what a flooder can do to an HTTP/2 server.
func floods() map[string]func(p *flooder) {
	return map[string]func(p *flooder){
		"streams that are reset at once (CVE-2023-44487)": func(p *flooder) {
			b := block()
			p.repeat(20_000, func(i int) error {
				if err := p.open(uint32(2*i+1), b); err != nil {
					return err
				}
				return p.framer.WriteRSTStream(uint32(2*i+1), http2.ErrCodeCancel)
			})
		},
		"more streams than are allowed": func(p *flooder) {
			b := block(hpack.HeaderField{Name: "content-length", Value: "100"})
			p.repeat(5_000, func(i int) error { return p.open(uint32(2*i+1), b) })
		},
		"a header that never ends (CVE-2023-45288)": func(p *flooder) {
			_ = p.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block()})
			literal := append([]byte{0, 1, 'a', 0x7f, 0x81, 0x7c}, bytes.Repeat([]byte("x"), 16_000)...)
			p.repeat(10_000, func(int) error { return p.framer.WriteContinuation(1, false, literal) })
		},
		"a small header that unfolds to a large one": func(p *flooder) {
			bomb := block(hpack.HeaderField{Name: "x", Value: strings.Repeat("x", 3_900)})
			bomb = append(bomb, bytes.Repeat([]byte{0x80 | 62}, 12_000)...) // each is the newest entry of the table
			p.repeat(200, func(i int) error { return p.open(uint32(2*i+1), bomb) })
		},
		"pings that are not read": func(p *flooder) {
			p.repeat(200_000, func(int) error { return p.framer.WritePing(false, [8]byte{}) })
		},
		"settings over and over": func(p *flooder) {
			p.repeat(200_000, func(i int) error {
				return p.framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: uint32(i)})
			})
		},
		"empty frames of data": func(p *flooder) {
			_ = p.open(1, block())
			p.repeat(200_000, func(int) error { return p.framer.WriteData(1, false, nil) })
		},
		"a table that is to be enormous": func(p *flooder) {
			_ = p.framer.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: 1<<32 - 1})
			b := block()
			p.repeat(500, func(i int) error { return p.open(uint32(2*i+1), b) })
		},
		"priorities of streams that are not there": func(p *flooder) {
			p.repeat(100_000, func(i int) error {
				return p.framer.WritePriority(uint32(2*i+1), http2.PriorityParam{StreamDep: uint32(2*i + 3), Weight: 255})
			})
		},
		"windows that overflow": func(p *flooder) {
			p.repeat(1_000, func(int) error { return p.framer.WriteWindowUpdate(0, 1<<31-1) })
		},
	}
}

//nolint:tparallel // one gateway suffers them in turn, and must live after each
func TestHostileHTTP2HarmsNothing(t *testing.T) {
	t.Parallel()
	s := setup(t, hostileConfig)
	gateway := s.startPlainGateway()
	//nolint:paralleltest // as above
	for name, flood := range floods() {
		t.Run(name, func(t *testing.T) {
			before := s.accept(newGithubEvent(int(time.Now().UnixNano() % 1e8)))
			require.NotEmpty(t, before)
			p := s.dialHTTP2()
			flooded := make(chan struct{})
			go func() { defer close(flooded); flood(p) }()
			s.accept(newGithubEvent(int(time.Now().UnixNano() % 1e8))) // a healthy client is served meanwhile
			<-flooded
			_ = p.conn.Close()
			t.Logf("%d times; the gateway answered with %v", p.sent, <-p.seen)
			if strings.Contains(name, "never ends") {
				require.True(t, p.cut, "the gateway reads it to its end")
			}
			require.True(t, gateway.alive())
			require.Less(t, gateway.peak()>>10, memoryLimit)
		})
	}
	s.accept(newGithubEvent(99_999_999))
}
