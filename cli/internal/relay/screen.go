package relay

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// Key is what a person pressed.
type Key string

// The keys. Any other one does nothing.
const (
	KeyUp     Key = "\x1b[A"
	KeyDown   Key = "\x1b[B"
	KeyResend Key = "r"
	KeyShow   Key = "s"
	KeyOpen   Key = "o"
	KeyPause  Key = "p"
	KeyQuit   Key = "q"
	KeyEnd    Key = "\x03" // Ctrl-C, which a raw terminal gives as it is
)

// remembered is how many events can be selected.
const remembered = 500

// Screen is what a terminal shows: a line for each result, and below them one about the selected
// event and the keys. The terminal is raw: a line ends with a carriage return, too. Screen is safe
// for concurrent use.
type Screen struct {
	out   io.Writer
	style terminal.Style

	mu       sync.Mutex
	rows     []row
	selected int // of rows; the last one follows what comes
	note     string
	resumed  chan struct{} // nil: not paused
}

type row struct {
	event  *trackerclient.RelayedEvent
	result Result
}

// NewScreen makes a screen on a raw terminal.
func NewScreen(out io.Writer, style terminal.Style) *Screen { return &Screen{out: out, style: style} }

// Add shows a result.
func (s *Screen) Add(e *trackerclient.RelayedEvent, r Result, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	follows := s.selected >= len(s.rows)-1
	s.rows = append(s.rows, row{e, r})
	if more := len(s.rows) - remembered; more > 0 {
		s.rows = s.rows[more:]
		s.selected = max(s.selected-more, 0)
	}
	if follows {
		s.selected = len(s.rows) - 1
	}
	s.note = ""
	s.print(Line(e, r, at, s.style))
}

// Print shows text of several lines.
func (s *Screen) Print(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.print(strings.TrimRight(text, "\n"))
}

// Note shows a text in the last line until the next result.
func (s *Screen) Note(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.note = text
	s.bar()
}

// Close takes the last line away.
func (s *Screen) Close() { _, _ = io.WriteString(s.out, clearLine) }

const clearLine = "\r\x1b[K"

// print writes above the last line.
func (s *Screen) print(text string) {
	_, _ = io.WriteString(s.out, clearLine+strings.ReplaceAll(text, "\n", "\r\n")+"\r\n")
	s.bar()
}

// bar draws the last line.
func (s *Screen) bar() {
	text := s.note
	if text == "" && len(s.rows) > 0 {
		r := s.rows[s.selected]
		text = fmt.Sprintf("%d/%d %s %s", s.selected+1, len(s.rows), terminal.Line(r.event.Type), terminal.Line(r.event.Id))
	}
	keys := "↑↓ select  r resend  s show  o open  p pause  q quit"
	if s.resumed != nil {
		keys = "PAUSED: p goes on  r resend  s show  q quit"
	}
	line := []rune(strings.TrimSpace(text + "  " + keys))
	if width := s.style.Width(); width > 0 && len(line) >= width {
		line = line[:width-1]
	}
	_, _ = io.WriteString(s.out, clearLine+s.style.Faint(string(line)))
}

// Press moves the selection, or pauses or goes on. Of any other key it returns the selected event, if
// there is one.
func (s *Screen) Press(k Key) *trackerclient.RelayedEvent {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch k {
	case KeyUp:
		s.selected = max(s.selected-1, 0)
	case KeyDown:
		s.selected = max(min(s.selected+1, len(s.rows)-1), 0)
	case KeyPause:
		s.toggle()
	default:
		if len(s.rows) > 0 {
			return s.rows[s.selected].event
		}
		return nil
	}
	s.note = ""
	s.bar()
	return nil
}

func (s *Screen) toggle() {
	if s.resumed == nil {
		s.resumed = make(chan struct{})
		return
	}
	close(s.resumed)
	s.resumed = nil
}

// Wait waits while the screen is paused, or until ctx is done.
func (s *Screen) Wait(ctx context.Context) {
	s.mu.Lock()
	resumed := s.resumed
	s.mu.Unlock()
	if resumed == nil {
		return
	}
	select {
	case <-resumed:
	case <-ctx.Done():
	}
}

// ReadKeys calls press for each key that is read, until press is done or nothing more can be read.
func ReadKeys(in io.Reader, press func(Key) (more bool)) {
	buffer := make([]byte, 16)
	for {
		n, err := in.Read(buffer)
		if err != nil {
			return
		}
		for _, k := range keysOf(string(buffer[:n])) {
			if !press(k) {
				return
			}
		}
	}
}

// keysOf splits what was read at once.
func keysOf(text string) []Key {
	var keys []Key
	for text != "" {
		size := 1
		if strings.HasPrefix(text, "\x1b[") && len(text) > 2 {
			size = 3
		}
		keys = append(keys, Key(text[:size]))
		text = text[size:]
	}
	return keys
}
