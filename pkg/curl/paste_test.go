package curl_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/curl"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/visible"
)

// arrived is a request as a server got it.
type arrived struct {
	method, query, value string
	body                 []byte
}

// pasting has a shell run commands, in an empty folder, against a server.
type pasting struct {
	address, folder string
	got             chan arrived
}

func setupPasting(t *testing.T) *pasting {
	t.Helper()
	for _, program := range []string{"curl", "base64"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("skipped: %s is not installed", program)
		}
	}
	p := &pasting{folder: t.TempDir(), got: make(chan arrived, 1)}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p.got <- arrived{r.Method, r.URL.RawQuery, r.Header.Get("X-Value"), body}
	}))
	t.Cleanup(server.Close)
	p.address = server.URL
	return p
}

// run pastes the command, and returns what arrived.
func (p *pasting) run(t require.TestingT, c curl.Command) arrived {
	command := c.String()
	require.False(t, visible.Any(command), "%q", command)
	shell := exec.Command("sh")
	shell.Dir = p.folder
	shell.Stdin = strings.NewReader(strings.Replace(command, "curl ", "curl --silent --show-error ", 1))
	out, err := shell.CombinedOutput()
	require.NoError(t, err, "%s: %s", command, out)
	made, err := os.ReadDir(p.folder)
	require.NoError(t, err)
	require.Empty(t, made, "a file was made by %q", command)
	return <-p.got
}

func TestAPastedCommandRunsNothingAndSendsWhatCame(t *testing.T) {
	t.Parallel()
	p := setupPasting(t)
	for name, body := range map[string]string{
		"an interrupt":     "x\x03\ntouch made\n",
		"an end of input":  "x\x04\ntouch made\n",
		"end of paste":     "\x1b[201~\ntouch made\n",
		"a heredoc's end":  "BODY\ntouch made\nBODY\n",
		"quotes":           "'; touch made; '\"$(touch made)`touch made`",
		"a bell":           "\a\b\x7f",
		"line feeds":       "a\r\nb\rc",
		"C1":               "\u009b31m\u0090touch made",
		"a direction":      "a\u202etouch made\u202c\u2066",
		"a null byte":      "a\x00touch made",
		"no UTF-8":         "\xff\xfe\x9b",
		"a file":           "@/etc/passwd",
		"a history":        "a!touch !! !$",
		"invisible letter": "a\U000e0041\ufeffb",
		"nothing":          "",
	} {
		got := p.run(t, curl.Command{Method: "POST", URL: p.address + "/in/x", Body: []byte(body)})
		require.Equal(t, body, string(got.body), name)
	}
}

func TestEveryPartOfARequestSurvivesThePaste(t *testing.T) {
	t.Parallel()
	p := setupPasting(t)
	hostile := rapid.SampledFrom([]rune("ab1 '\"\\$`();|&<>\n\t\r#*~!%@=é\u202e\u2066\u009b\u0085\u200f\x1b\a\x00\x03\x7fł"))
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.OneOf(rapid.Map(rapid.StringOf(hostile), func(s string) []byte { return []byte(s) }), rapid.SliceOf(rapid.Byte())).Draw(t, "body")
		value := strings.Trim(strings.Map(fieldValue, rapid.StringOf(hostile).Draw(t, "value")), " \t")
		query := strings.Map(queryText, rapid.StringOf(hostile).Draw(t, "query"))
		method := rapid.SampledFrom([]string{"POST", "PUT", "DELETE"}).Draw(t, "method")
		got := p.run(t, curl.Command{
			Method: method, URL: p.address + "/in/x?" + query, Header: []event.Field{{Name: "X-Value", Value: value}}, Body: body,
		})
		require.Equal(t, arrived{method, query, value, append([]byte{}, body...)}, got)
	})
}

// fieldValue leaves out what no header field can have.
func fieldValue(r rune) rune {
	if r != '\t' && (r < ' ' || r == 0x7f) {
		return -1
	}
	return r
}

// queryText leaves out what no request line can have, and a fragment.
func queryText(r rune) rune {
	if r <= ' ' || r == 0x7f || r == '#' {
		return -1
	}
	return r
}
