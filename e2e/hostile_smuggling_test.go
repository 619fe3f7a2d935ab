package e2e

import (
	"bufio"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// With both framings a proxy and the gateway could disagree on where the request ends,
// and so on what the bytes behind it are. These tests look at those bytes: the gateway
// goes by the chunks alone, as RFC 9112, section 6.3, has it, to the byte.
func TestHostileBytesBehindBothFramingsAreNoPartOfTheEvent(t *testing.T) {
	t.Parallel()
	s := setup(t, hostileConfig)
	s.startGateway()
	s.startDeliverer()
	const hidden = "POST /in/github HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
	for name, lines := range map[string][]string{
		"the length first": {length("6"), "Transfer-Encoding: chunked"},
		"the chunks first": {"Transfer-Encoding: chunked", length("6")},
		"a length of all":  {"Transfer-Encoding: chunked", length("68")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := s.exchange(post("/in/open", "0\r\n\r\n"+hidden, lines...))
			require.NotEmpty(t, answers)
			if answers[0].status == http.StatusBadRequest {
				require.Len(t, answers, 1, "after a refusal nothing is read")
				return
			}
			require.Equal(t, http.StatusAccepted, answers[0].status)
			got := s.receiver.await(answers[0].eventID(), 1)
			require.Empty(t, got[0].body, "the event ends where its last chunk does")
			require.Len(t, answers, 2)
			require.Equal(t, http.StatusUnauthorized, answers[1].status, "what is behind must prove itself as any request")
		})
	}
}

// exchange sends these bytes and returns every final answer until the connection ends
// or nothing comes any more.
func (s *stack) exchange(text string) (answers []answer) {
	s.t.Helper()
	conn := s.dial()
	defer func() { _ = conn.Close() }()
	require.NoError(s.t, conn.SetDeadline(time.Now().Add(30*time.Second)))
	_, err := io.WriteString(conn, text)
	require.NoError(s.t, err)
	r := bufio.NewReader(conn)
	for {
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			return answers
		}
		body, err := io.ReadAll(res.Body)
		require.NoError(s.t, err)
		require.NoError(s.t, res.Body.Close())
		answers = append(answers, answer{status: res.StatusCode, header: res.Header, body: string(body)})
		if len(answers) >= 2 {
			return answers
		}
	}
}
