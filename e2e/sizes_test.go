package e2e

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// largePush is a push of so many bytes at least, as one with many commits is.
func largePush(n, size int) githubEvent {
	e := newGithubEvent(n)
	var commits strings.Builder
	for i := 0; commits.Len() < size; i++ {
		fmt.Fprintf(&commits, `{"id":"%040x","message":"Change file %d","author":{"name":"Mona","email":"mona@example.com"},"added":["src/%d.go"]},`, i*7919, i, i)
	}
	e.body = `{"ref":"refs/heads/main","commits":[` + strings.TrimSuffix(commits.String(), ",") + `]}`
	return e
}

func TestTheLargestPushOfGitHubIsDeliveredWithoutASetting(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	s.startDeliverer()
	sent := largePush(1, 23<<20)
	var a answer
	require.Eventually(t, func() bool { a = s.post(sent); return a.status != http.StatusServiceUnavailable },
		60*time.Second, time.Second, "a busy machine may take longer than GitHub waits")
	require.Equal(t, http.StatusOK, a.status, a.body)
	got := s.receiver.await(a.eventID(), 1)[0]
	sameBytes(t, []byte(sent.body), got.body)
}

func TestABodyThatNothingCanCarryIsRefusedWithItsLimit(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	noise := make([]byte, 18<<20)
	_, err := rand.Read(noise)
	require.NoError(t, err)
	sent := newGithubEvent(1)
	sent.body = `{"data":"` + base64.StdEncoding.EncodeToString(noise) + `"}`
	require.Less(t, len(sent.body), 25<<20, "its source takes it")
	s.requireLimit(sent, 14<<20, "even after its compression")
	s.requireLimit(largePush(2, 26<<20), 25<<20, "at most 26214400 bytes")
}

// requireLimit requires that the event is refused as too large, and that the answer names
// the limit.
func (s *stack) requireLimit(e githubEvent, limit int, detail string) {
	s.t.Helper()
	a := s.post(e)
	require.Equal(s.t, http.StatusRequestEntityTooLarge, a.status)
	var problem struct {
		Limit  int    `json:"limit"`
		Detail string `json:"detail"`
	}
	require.NoError(s.t, json.Unmarshal([]byte(a.body), &problem), a.body)
	require.Equal(s.t, limit, problem.Limit)
	require.Contains(s.t, problem.Detail, detail)
}
