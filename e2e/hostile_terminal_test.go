package e2e

import (
	"bufio"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/visible"
)

// steering is what a terminal would act on, or show as something else.
const steering = "x\x1b]0;owned\x07\x1b[31m\u009b31m\u202eabc\u2066\x03\x7f"

// selling is a source whose events have their id in the body, and whose address is where
// curl is to send to.
const selling = `
sources:
  shop: {provider: revenuecat, secrets: ["${GITHUB_WEBHOOK_SECRET}"], publicURL: "RECEIVER/in/shop"}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  everything: {from: [shop], to: receiver}
`

func setupHostileTerminal(t *testing.T) (s *stack, track *tracker, id, body string) {
	t.Helper()
	s = setup(t, selling)
	s.startGateway()
	track = s.startTracker()
	encoded, err := json.Marshal(steering)
	require.NoError(t, err)
	body = `{"event":{"id":` + string(encoded) + `,"type":"made"},"raw":"` + "\x7f\u009b\u202e" + `"}` + "\r\n"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/in/shop?a=\u009b\u202e", strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", githubSecret)
	req.Header.Set("X-Note", "a\u009b31m\u202eb")
	a, err := do(s.client, req)
	require.NoError(t, err)
	require.Less(t, a.status, 300, a.body)
	id = a.eventID()
	require.Eventually(t, func() bool { status, _ := track.ask("/events/" + id + "/request"); return status == http.StatusOK }, 60*time.Second, 20*time.Millisecond)
	return s, track, id, body
}

func TestNoHostileTextSteersTheTerminalOfAnOperator(t *testing.T) {
	t.Parallel()
	s, track, id, _ := setupHostileTerminal(t)
	api := strings.TrimSuffix(track.url, "/api/v1")
	for _, command := range [][]string{
		{"events", "list"},
		{"events", "list", "-o", "json"},
		{"events", "list", "-o", "yaml"},
		{"events", "show", id, "--request"},
		{"events", "show", id, "--request", "-o", "json"},
		{"events", "show", id, "--request", "-o", "yaml"},
		{"events", "show", id, "-o", "yaml"},
	} {
		out := s.penstock(nil, append(command, "--api", api)...)
		require.False(t, visible.Any(out), "%v: %q", command, out)
		var page any
		switch command[len(command)-1] {
		case "json":
			require.NoError(t, json.Unmarshal([]byte(out), &page))
		case "yaml":
			require.NoError(t, yaml.Unmarshal([]byte(out), &page))
		default:
			continue
		}
		require.Contains(t, textsIn(page), steering, "%v: the text is another one", command)
	}
	for _, format := range []string{"table", "json", "yaml"} {
		require.False(t, visible.Any(s.tail(api, id, format)), format)
	}
}

// textsIn lists all texts in a document.
func textsIn(node any) (all []string) {
	switch node := node.(type) {
	case string:
		return []string{node}
	case []any:
		for _, one := range node {
			all = append(all, textsIn(one)...)
		}
	case map[string]any:
		for _, one := range node {
			all = append(all, textsIn(one)...)
		}
	}
	return all
}

// tail runs `penstock events tail` until it has shown the event.
func (s *stack) tail(api, id, format string) string {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), filepath.Join(programs, "penstock"), "events", "tail", "--history", "--api", api, "-o", format)
	cmd.Env = []string{"NO_COLOR=1"}
	out, err := cmd.StdoutPipe()
	require.NoError(s.t, err)
	require.NoError(s.t, cmd.Start())
	var shown strings.Builder
	lines := bufio.NewScanner(out)
	for !strings.Contains(shown.String(), id) && lines.Scan() {
		shown.WriteString(lines.Text() + "\n")
	}
	require.Contains(s.t, shown.String(), id, format)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	return shown.String()
}

func TestAHostileRequestIsCopiedAsCurlAndRunsNothing(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("skipped: curl is not installed")
	}
	s, track, id, body := setupHostileTerminal(t)
	got := make(chan *http.Request, 1)
	bodies := make(chan []byte, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got <- r
		bodies <- text
	}))
	t.Cleanup(server.Close)
	res, err := http.Get(strings.TrimSuffix(track.url, "/api/v1") + "/console/events/" + id)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	page, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	found := regexp.MustCompile(`(?s)<pre id="curl"[^>]*>(.*?)</pre>`).FindStringSubmatch(string(page))
	require.Len(t, found, 2)
	command := html.UnescapeString(found[1])
	require.False(t, visible.Any(command), "%q", command)

	folder := t.TempDir()
	shell := exec.CommandContext(t.Context(), "sh")
	shell.Dir = folder
	shell.Stdin = strings.NewReader(strings.NewReplacer("curl ", "curl --silent --show-error ", s.receiver.server.URL, server.URL).Replace(command))
	out, err := shell.CombinedOutput()
	require.NoError(t, err, "%s", out)
	sent := <-got
	require.Equal(t, "a\u009b31m\u202eb", sent.Header.Get("X-Note"))
	require.NotContains(t, command, githubSecret)
	require.Equal(t, "[redacted]", sent.Header.Get("Authorization"))
	sameBytes(t, []byte(body), <-bodies)
	made, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, made)
}
