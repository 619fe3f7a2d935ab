package curl_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/curl"
	"github.com/penstock/penstock/pkg/event"
)

// words has a shell read the command, and returns the words that curl would get, and
// what it would read from its standard input.
func words(t require.TestingT, command string) (arguments []string, input string) {
	const function = `curl() { case "$*" in *"--data-binary @-"*) cat;; esac; printf '\001'; for word in "$@"; do printf '%s\001' "$word"; done; }` + "\n"
	shell := exec.Command("sh")
	shell.Stdin = strings.NewReader(function + command)
	out, err := shell.Output()
	require.NoError(t, err, command)
	parts := strings.Split(strings.TrimSuffix(string(out), "\001"), "\001")
	return parts[1:], parts[0]
}

func TestACommandCarriesTheRequestAsItIs(t *testing.T) {
	t.Parallel()
	got, _ := words(t, curl.Command{
		Method: "PUT", URL: "https://h.example/in/x?a={1,2}&b=[3-4]", Body: []byte("it's\n$(id)"), Insecure: true,
		Header: []event.Field{{Name: "X-B", Value: "2"}, {Name: "X-A", Value: ""}, {Name: "Host", Value: "no"}, {Name: "X-B", Value: "1"}},
	}.String())
	require.Equal(t, []string{
		"--insecure", "--request", "PUT", "https://h.example/in/x?a=%7B1,2%7D&b=%5B3-4%5D", "--header", "X-B: 2", "--header", "X-A;",
		"--header", "X-B: 1", "--header", "Content-Type:", "--data-raw", "it's\n$(id)",
	}, got)
}

func TestABodyThatIsNoTextGoesThroughThePipe(t *testing.T) {
	t.Parallel()
	body := "\x00\xff binary"
	got, input := words(t, curl.Command{Method: "POST", URL: "https://h.example/", Body: []byte(body)}.String())
	require.Equal(t, body, input)
	require.Equal(t, []string{"https://h.example/", "--header", "Content-Type:", "--data-binary", "@-"}, got)
	long := strings.Repeat("a", curl.MaxArgument+1)
	_, input = words(t, curl.Command{Method: "POST", URL: "https://h.example/", Body: []byte(long)}.String())
	require.Equal(t, long, input)
}

func TestABodyCanStayInItsFile(t *testing.T) {
	t.Parallel()
	got, _ := words(t, curl.Command{Method: "POST", URL: "https://h.example/", File: "it's.json"}.String())
	require.Equal(t, "@it's.json", got[len(got)-1])
}

// Whatever a stranger sends, it stays one word each.
func TestNothingInARequestBecomesACommand(t *testing.T) {
	t.Parallel()
	text := rapid.StringOf(rapid.SampledFrom([]rune("ab '\"\\$`();|&<>\n#*~!-@é")))
	rapid.Check(t, func(t *rapid.T) {
		name, value, body := text.Draw(t, "name"), text.Draw(t, "value"), text.Draw(t, "body")
		got, _ := words(t, curl.Command{
			Method: "POST", URL: "https://h.example/", Header: []event.Field{{Name: name, Value: value}}, Body: []byte(body),
		}.String())
		require.Equal(t, []string{"https://h.example/", "--header", got[2], "--header", "Content-Type:", "--data-raw", body}, got)
		require.False(t, strings.HasPrefix(got[2], "@"), "curl would read a file")
	})
}
