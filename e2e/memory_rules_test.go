//go:build memory

package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ruled is a route with every rule that reads bodies.
const ruled = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"], maxBody: 25MiB}
destinations:
  receiver: {url: "RECEIVER", timeout: 10s}
routes:
  plain: {from: [github], to: receiver, filter: 'body.ref != "x"', transform: {jq: '.'}}
  ordered: {from: [github], to: receiver, filter: 'body.ref != "x"', ordering: {key: 'body.ref', partitions: 2}}
`

func TestMemoryOfADelivererThatReadsCostlyBodies(t *testing.T) {
	s := setup(t, ruled)
	gateway := s.startGateway()
	for n := range 8 {
		e := newGithubEvent(n)
		e.body = "[" + strings.Repeat("{},", (5<<20)/3-10) + fmt.Sprintf("%d]", n)
		s.accept(e)
	}
	last := s.accept(newGithubEvent(100))
	gateway.stop()
	deliverer := s.imprisonDeliverer()
	s.receiver.await(last, 2)
	require.Eventually(t, func() bool { return deliverer.outcomes("dead")+deliverer.outcomes("delivered") >= 18 }, 3*time.Minute, 500*time.Millisecond)
	deliverer.requireUnharmed()
}

func TestMemoryOfADelivererThatDeliversALargePush(t *testing.T) {
	s := setup(t, ruled)
	gateway := s.startGateway()
	e := newGithubEvent(0)
	e.body = largePush(t, 23<<20)
	id := s.accept(e)
	gateway.stop()
	deliverer := s.imprisonDeliverer()
	s.receiver.await(id, 2) // once for each route
	require.Zero(t, deliverer.outcomes("dead"))
	deliverer.requireUnharmed()
}

// largePush is a push with many commits, as GitHub sends it, of so many bytes.
func largePush(t *testing.T, bytes int) string {
	t.Helper()
	type person struct {
		Name, Email, Username string
	}
	type commit struct {
		ID, TreeID, Message, Timestamp, URL string
		Author, Committer                   person
		Added, Removed, Modified            []string
	}
	someone := person{"Ada Lovelace", "ada@example.com", "ada"}
	var commits []commit
	for size := 0; size < bytes; {
		n := len(commits)
		c := commit{
			ID: fmt.Sprintf("%040x", n*7919), TreeID: fmt.Sprintf("%040x", n*104729), Message: fmt.Sprintf("Change number %d of the long branch", n),
			Timestamp: "2026-01-01T00:00:00Z", URL: fmt.Sprintf("https://github.com/example/repository/commit/%040x", n*7919), Author: someone, Committer: someone,
			Added: []string{fmt.Sprintf("src/file%d.go", n)}, Modified: []string{"README.md", fmt.Sprintf("docs/page%d.md", n)}, Removed: []string{},
		}
		text, err := json.Marshal(c)
		require.NoError(t, err)
		size += len(text) + 1
		commits = append(commits, c)
	}
	text, err := json.Marshal(map[string]any{"ref": "refs/heads/main", "commits": commits})
	require.NoError(t, err)
	return string(text)
}
