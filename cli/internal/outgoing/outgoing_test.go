package outgoing_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/cli/internal/capture"
	"github.com/penstock/penstock/cli/internal/outgoing"
)

// echo answers with what it got.
func echo(t *testing.T) (*httptest.Server, chan outgoing.Request) {
	t.Helper()
	got := make(chan outgoing.Request, 1)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- outgoing.Request{Method: r.Method, URL: r.URL, Header: r.Header, Body: body}
		if r.URL.Path == "/redirect" {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(server.Close)
	return server, got
}

func request(t *testing.T, address, body string) outgoing.Request {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	header := http.Header{"X-A": {"it's", "2"}, "Content-Type": {"application/json"}, "X-Empty": {""}}
	return outgoing.Request{Method: "POST", URL: u, Header: header, Body: []byte(body)}
}

func bodies() map[string]string {
	return map[string]string{
		"JSON":        `{"it's": "é \n $x"}`,
		"a file name": "@etc",
		"lines":       "a\nb\r\n",
		"bytes":       "\xff\xfe\x00" + strings.Repeat("x", 100),
		"nothing":     "",
		"much":        strings.Repeat("0123456789", 20_000),
	}
}

func TestCurlSendsWhatWasSigned(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("skipped: curl is not installed; TestAShellReadsTheWords covers what is ours")
	}
	server, got := echo(t)
	for name, body := range bodies() {
		r := request(t, server.URL+"/in/x?a=b%20c", body)
		command := r.Curl(outgoing.CurlOptions{Insecure: true})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		shell := exec.CommandContext(ctx, "sh")
		shell.Stdin = strings.NewReader(strings.Replace(command, "curl ", "curl --silent --show-error ", 1))
		out, err := shell.CombinedOutput()
		cancel()
		require.NoError(t, err, "%s: %s", name, out)
		requireSame(t, r, <-got, name)
	}
}

func TestAShellReadsTheWords(t *testing.T) {
	t.Parallel()
	const function = `curl() { for word in "$@"; do printf '%s\001' "$word"; done; }` + "\n"
	for name, body := range map[string]string{"JSON": bodies()["JSON"], "a file name": "@etc", "lines": "a\nb"} {
		r := request(t, "https://h.example/in/x?a=b&c=d", body)
		shell := exec.CommandContext(t.Context(), "sh")
		shell.Stdin = strings.NewReader(function + r.Curl(outgoing.CurlOptions{}))
		out, err := shell.Output()
		require.NoError(t, err, name)
		words := strings.Split(strings.TrimSuffix(string(out), "\001"), "\001")
		require.Equal(t, []string{
			"https://h.example/in/x?a=b&c=d", "--header", "Content-Type: application/json", "--header", "X-A: it's",
			"--header", "X-A: 2", "--header", "X-Empty;", "--data-raw", body,
		}, words, name)
	}
}

func requireSame(t *testing.T, want, got outgoing.Request, name string) {
	t.Helper()
	require.Equal(t, want.Method, got.Method, name)
	require.Equal(t, want.URL.RequestURI(), got.URL.RequestURI(), name)
	require.Equal(t, string(want.Body), string(got.Body), name)
	for field, values := range want.Header {
		require.Equal(t, values, got.Header[field], name)
	}
}

func TestCurlTakesTheBodyFromItsFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "it's.json")
	require.NoError(t, os.WriteFile(path, []byte("{}"), 0o600))
	r := request(t, "https://h.example/", "{}")
	c, err := capture.Parse([]byte(r.Curl(outgoing.CurlOptions{File: path})), os.ReadFile)
	require.NoError(t, err)
	require.Equal(t, "{}", string(c.Body))
}

func TestWhatIsPrintedIsReadBack(t *testing.T) {
	t.Parallel()
	for name, body := range bodies() {
		want := request(t, "https://h.example/in/x?a=b", body)
		for form, text := range map[string]string{"raw": string(want.Raw()), "curl": want.Curl(outgoing.CurlOptions{})} {
			c, err := capture.Parse([]byte(text), nil)
			require.NoError(t, err, "%s as %s", name, form)
			got := outgoing.Request{Method: c.Method, URL: c.URL, Header: c.Header, Body: c.Body}
			requireSame(t, want, got, name+" as "+form)
		}
	}
}

func TestSendReturnsTheAnswerAndFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	server, got := echo(t)
	r := request(t, server.URL+"/x", "{}")
	answer, err := outgoing.Send(t.Context(), r, outgoing.SendOptions{Insecure: true, Timeout: 10 * time.Second})
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, answer.Code)
	requireSame(t, r, <-got, "sent")

	answer, err = outgoing.Send(t.Context(), request(t, server.URL+"/redirect", "{}"), outgoing.SendOptions{Insecure: true})
	require.NoError(t, err)
	require.Equal(t, http.StatusFound, answer.Code)
}

func TestSendTellsWhyItCouldNot(t *testing.T) {
	t.Parallel()
	server, _ := echo(t)
	_, err := outgoing.Send(t.Context(), request(t, server.URL+"/?token=hidden", "{}"), outgoing.SendOptions{})
	require.ErrorContains(t, err, "certificate")
	require.NotContains(t, err.Error(), "hidden")

	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	_, err = outgoing.Send(ctx, request(t, server.URL, "{}"), outgoing.SendOptions{})
	require.ErrorContains(t, err, "no answer in time")
}
