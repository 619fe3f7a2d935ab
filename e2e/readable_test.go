package e2e

import (
	"bufio"
	"html"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// console returns what the console shows at a path, as text.
func (t *tracker) console(path string) (status int, text string) {
	res, err := http.Get(strings.TrimSuffix(t.url, "/api/v1") + "/console" + path)
	require.NoError(t.t, err)
	defer func() { _ = res.Body.Close() }()
	page, err := io.ReadAll(res.Body)
	require.NoError(t.t, err)
	return res.StatusCode, html.UnescapeString(string(page))
}

// listen starts `penstock listen`, and returns its address and its lines.
func (s *stack) listen() (address string, lines *bufio.Scanner) {
	s.t.Helper()
	require.NoError(s.t, buildCommand())
	address = freeAddress(s.t)
	cmd := exec.CommandContext(s.t.Context(), filepath.Join(programs, "penstock"), "listen", "--listen", address)
	cmd.Env = []string{"NO_COLOR=1"}
	out, err := cmd.StdoutPipe()
	require.NoError(s.t, err)
	require.NoError(s.t, cmd.Start())
	s.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return address, bufio.NewScanner(out)
}

// People see text, whichever way a body was written, and can have what came.
func TestPeopleReadABodyWhicheverWayItWasWritten(t *testing.T) {
	t.Parallel()
	s := setup(t, readable)
	address, printed := s.listen()
	s.configure(strings.ReplaceAll(readable, "RECEIVER", "http://"+address))
	s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	api := strings.TrimSuffix(tracker.url, "/api/v1")
	const text, inner = `{"action": "opened", "title": "größer"}`, `"title": "größer"`
	for coding, written := range map[string]string{"": text, "br": text, "zstd": text, "gzip": inUTF16(text)} {
		sent := compressed(t, coding, written)
		header := map[string]string{"X-Github-Event": "issues", "X-Github-Delivery": "delivery of " + coding, "Content-Type": "application/json"}
		if coding != "" {
			header["Content-Encoding"] = coding
		}
		a, err := do(s.client, sending{"github", header, sent, sent}.request(t, s.url))
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, a.status, a.body)
		id := a.eventID()
		var page string
		require.Eventually(t, func() bool {
			var status int
			status, page = tracker.console("/events/" + id)
			return status == http.StatusOK && strings.Contains(page, `id="body"`)
		}, 60*time.Second, 50*time.Millisecond)
		require.Contains(t, page, "größer", coding)
		require.Equal(t, coding != "", strings.Contains(page, "shown as text from "+coding), coding)
		_, download := tracker.ask("/events/" + id + "/payload")
		sameBytes(t, []byte(sent), download)
		require.Equal(t, text+"\n", s.penstock(nil, "events", "show", id, "--text", "--api", api), coding) //nolint:testifylint // the text itself
		require.Equal(t, sent, s.penstock(nil, "events", "show", id, "--payload", "--api", api), coding)
		requirePrinted(t, printed, inner)
	}
}

// requirePrinted reads lines until one has the text.
func requirePrinted(t *testing.T, lines *bufio.Scanner, text string) {
	t.Helper()
	for lines.Scan() {
		if strings.Contains(lines.Text(), text) {
			return
		}
	}
	require.Fail(t, "it was not printed", text)
}
