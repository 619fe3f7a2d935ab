package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ruled is a configuration with rules over bodies of every kind.
const ruled = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
  nylas: {provider: nylas, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
  open: {open: true, maxBody: 25MiB}
destinations:
  receiver: {url: "RECEIVER", timeout: 30s}
routes:
  filtered: {from: [github], to: receiver, filter: 'body.action == "opened" && body.n == 1'}
  slim: {from: [nylas], to: receiver, transform: "{id: .id, subject: .data.object.subject}"}
  open: {from: [open], to: receiver, filter: 'headers[?"x-form"].orValue("") != "" ? form.command == "/deploy" : body != null', transform: "{id: (.id? // $form.id), n: ([..] | length)}"}
`

// openEvent sends a body to the open source and returns the event's id.
func (s *stack) openEvent(body string, fields ...string) string {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/in/open", strings.NewReader(body))
	require.NoError(s.t, err)
	for i := 0; i < len(fields); i += 2 {
		req.Header.Set(fields[i], fields[i+1])
	}
	a, err := do(s.client, req)
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusAccepted, a.status, a.body)
	return a.eventID()
}

func TestRulesReadABodyWhicheverWayItIsWritten(t *testing.T) {
	t.Parallel()
	const opened, form = `{"action":"opened","n":1}`, "application/x-www-form-urlencoded"
	s := setup(t, ruled)
	s.startGateway()
	s.startDeliverer()
	for name, tc := range map[string]struct{ contentType, body string }{
		"JSON":              {"application/json", opened},
		"a byte order mark": {"application/json", "\xef\xbb\xbf" + opened},
		"UTF-16":            {"application/json", inUTF16(opened)},
		"a payload":         {form, "payload=%7B%22action%22%3A%22opened%22%2C%22n%22%3A1%7D"},
	} {
		header := map[string]string{"X-Github-Event": "issues", "X-Github-Delivery": name, "Content-Type": tc.contentType}
		a, err := do(s.client, sending{"github", header, tc.body, tc.body}.request(t, s.url))
		require.NoError(t, err, name)
		sameBytes(t, []byte(tc.body), s.receiver.await(a.eventID(), 1)[0].body)
	}
	zipped := compressed(t, "gzip", `{"id":"ny-1","type":"message.created","data":{"object":{"subject":"Hi"}}}`)
	a, err := do(s.client, sending{"nylas", map[string]string{"Content-Encoding": "gzip"}, zipped, zipped}.request(t, s.url))
	require.NoError(t, err)
	got := s.receiver.await(a.eventID(), 1)[0]
	require.JSONEq(t, `{"id":"ny-1","subject":"Hi"}`, string(got.body))
	require.Empty(t, got.header.Get("Content-Encoding"))

	id := s.openEvent("command=%2Fdeploy&id=7", "Content-Type", form, "X-Form", "yes")
	require.JSONEq(t, `{"id":"7","n":1}`, string(s.receiver.await(id, 1)[0].body))
}

func TestABodyThatCannotBeReadIsADeadLetterWithItsReason(t *testing.T) {
	t.Parallel()
	s := setup(t, ruled)
	s.startGateway()
	s.startDeliverer()
	for name, tc := range map[string]struct{ coding, body string }{
		"binary":            {"", "\x89PNG\r\n\x1a\n\x00"},
		"an unknown coding": {"rot13", "\x8b\x02\x80{}\x03"},
		"a broken coding":   {"gzip", "\x1f\x8b\x08\x00"},
		"a bomb":            {"gzip", compressed(t, "gzip", strings.Repeat("0", 65<<20))},
		"a long number":     {"", `{"id":` + strings.Repeat("9", 2<<20) + `}`},
		"deep lists":        {"", strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)},
	} {
		id := s.openEvent(tc.body, "Content-Encoding", tc.coding)
		dead := s.operator().await("penstock.dead.open")
		require.Equal(t, id, dead.MessageId, name)
		require.Equal(t, "unreadable", dead.Headers["penstock-reason"], name)
		require.Empty(t, s.receiver.of(id), name)
	}
	ordinary := s.openEvent(`{"id":1}`)
	require.JSONEq(t, `{"id":1,"n":2}`, string(s.receiver.await(ordinary, 1)[0].body))
}

// unreadable are routes whose rules take nothing of a body.
const unreadable = `
sources:
  open: {open: true}
destinations:
  filtered: {url: "RECEIVER/filtered"}
  made: {url: "RECEIVER/made"}
routes:
  filtered: {from: [open], to: filtered, filter: 'headers["x-a"] == "7" && type == "untyped"'}
  made: {from: [open], to: made, transform: '{type: $type, a: $headers["x-a"]}'}
`

func TestARuleOverTypeAndHeadersReadsNoBody(t *testing.T) {
	t.Parallel()
	s := setup(t, unreadable)
	s.startGateway()
	s.startDeliverer()
	for name, body := range map[string]string{"binary": "\x80\x81\x00", "deep lists": strings.Repeat("[", 100_000), "a long number": strings.Repeat("9", 2<<20)} {
		id := s.openEvent(body, "X-A", "7")
		for _, got := range s.receiver.await(id, 2) {
			if string(got.body) != body {
				require.JSONEq(t, `{"type":"untyped","a":"7"}`, string(got.body), name)
			}
		}
	}
	require.Zero(t, s.operator().messages("penstock.dead.filtered")+s.operator().messages("penstock.dead.made"))
}

// push is a GitHub push of about so many bytes.
func push(size int) string {
	var b bytes.Buffer
	b.WriteString(`{"id":7,"ref":"refs/heads/main","commits":[`)
	for i := 0; b.Len() < size; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"%040d","tree_id":"%040d","distinct":true,"message":"Mend part %d\n\nIt was broken in a way that takes a line to describe.",`+
			`"timestamp":"2026-05-01T12:00:00+02:00","url":"https://github.com/octo-org/octo-repo/commit/%040d",`+
			`"author":{"name":"Monalisa Octocat","email":"mona@github.com","username":"octocat"},`+
			`"committer":{"name":"GitHub","email":"noreply@github.com","username":"web-flow"},`+
			`"added":["src/components/file-%d.ts","src/x.go"],"removed":[],"modified":["src/lib/module-%d/index.ts"]}`, i, i, i, i, i, i)
	}
	b.WriteString(`]}`)
	return b.String()
}

// startSmallDeliverer starts a deliverer without the race detector, in the memory that the
// chart gives one.
func (s *stack) startSmallDeliverer(more map[string]string) *process {
	s.t.Helper()
	_, err := plainPrograms()
	require.NoError(s.t, err)
	env := s.settings(more)
	env["GOMEMLIMIT"] = strconv.Itoa(chartMemory * 8 / 10) // as the process sets it by its container
	p := start(s.t, filepath.Join("plain", "worker"), []string{"deliver"}, env)
	p.awaitReady()
	return p
}

// chartMemory is the limit of a deliverer's memory in the chart, in bytes.
const chartMemory = 512 << 20

func TestHostileListsOfEmptyObjectsCostNoDelivererItsLife(t *testing.T) {
	t.Parallel()
	s := setup(t, strings.Replace(ruled, `{id: (.id? // $form.id), n: ([..] | length)}`, `{id: .id?, n: length}`, 1))
	s.startPlainGateway()
	for _, one := range []string{"{},", "[],", `{"a":1},`, "1,", `"",`} {
		for range 8 {
			s.openEvent("[" + strings.Repeat(one, (5<<20)/len(one)-2) + "0]")
		}
	}
	deliverer := s.startSmallDeliverer(nil)
	id := s.openEvent(push(23 << 20))
	require.JSONEq(t, `{"id":7,"n":3}`, string(s.receiver.await(id, 1)[0].body))
	s.operator().awaitMessages("penstock.dead.open", 40)
	require.True(t, deliverer.alive())
	t.Logf("40 lists of 5 MiB and a push of 23 MiB: peak %d MiB", deliverer.peak()>>20)
	require.Less(t, deliverer.peak(), chartMemory)
}

// awaitMessages waits until a queue holds so many messages.
func (o *operator) awaitMessages(queue string, n int) {
	o.t.Helper()
	ch := o.channel()
	defer func() { _ = ch.Close() }()
	require.Eventually(o.t, func() bool {
		q, err := ch.QueueDeclarePassive(queue, true, false, false, false, nil)
		return err == nil && q.Messages == n
	}, 120*time.Second, 100*time.Millisecond, "%s has not %d messages", queue, n)
}

func TestABusyMachineTransformsEveryOrdinaryBody(t *testing.T) {
	t.Parallel()
	s := setup(t, ruled)
	s.startPlainGateway()
	ids := make([]string, 30)
	body := push(1 << 20)
	for i := range ids {
		ids[i] = s.openEvent(strings.Replace(body, `"id":7`, fmt.Sprintf(`"id":%d`, i), 1))
	}
	var stop atomic.Bool
	var burners sync.WaitGroup
	for range 2 * runtime.NumCPU() { // so that the deliverer has a part of a processor
		burners.Go(func() {
			for sum := sha256.Sum256(nil); !stop.Load(); sum = sha256.Sum256(sum[:]) {
			}
		})
	}
	defer func() { stop.Store(true); burners.Wait() }()
	s.startSmallDeliverer(map[string]string{"GOMAXPROCS": "1"})
	s.receiver.awaitAll(ids)
	for i, id := range ids {
		var got struct {
			ID int `json:"id"`
			N  int `json:"n"`
		}
		require.NoError(t, json.Unmarshal(s.receiver.of(id)[0].body, &got))
		require.Equal(t, i, got.ID)
		require.Greater(t, got.N, 10_000)
	}
}

// collected is a request of the material beside the repository, which is not part of it.
type collected struct {
	Name    string            `json:"name"`
	Preset  string            `json:"preset"`
	Secret  string            `json:"secret"`
	Method  string            `json:"method"`
	Query   string            `json:"query"`
	Headers map[string]string `json:"headers"`
	Body    []byte            `json:"body"`
	Expect  struct {
		Status    int                        `json:"status"`
		Type      string                     `json:"type"`
		Filter    map[string]bool            `json:"filter"`
		Transform map[string]json.RawMessage `json:"transform"`
	} `json:"expect"`
}

func TestCollectedRequestsAreReadAsTheyShouldBe(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "shared", "cases", "requests.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("skipped: shared/cases is not beside the repository: the collected requests are not run")
	}
	require.NoError(t, err)
	var all struct {
		Cases []collected `json:"cases"`
	}
	require.NoError(t, json.Unmarshal(text, &all))
	for _, c := range all.Cases {
		if c.Expect.Type == "" && len(c.Expect.Filter)+len(c.Expect.Transform) == 0 && c.Headers["Content-Encoding"] == "" {
			continue // it is about something else than what a body holds
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			c.run(t)
		})
	}
}

func (c collected) run(t *testing.T) {
	t.Helper()
	rule := ""
	for filter := range c.Expect.Filter {
		rule = ", filter: '" + filter + "'"
	}
	for program := range c.Expect.Transform {
		rule = ", transform: '" + program + "'"
	}
	s := setup(t, fmt.Sprintf(`
sources:
  one: {provider: %s, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER"}
routes:
  one: {from: [one], to: receiver%s}
`, c.Preset, rule))
	s.env["GITHUB_WEBHOOK_SECRET"] = c.Secret
	s.startGateway()
	s.startDeliverer()
	req, err := http.NewRequestWithContext(t.Context(), c.Method, s.url+"/in/one?"+c.Query, bytes.NewReader(c.Body))
	require.NoError(t, err)
	for name, value := range c.Headers {
		req.Header.Set(name, value)
	}
	a, err := do(s.client, req)
	require.NoError(t, err)
	require.Equal(t, c.Expect.Status, a.status, "%s of %s", a.body, base64.StdEncoding.EncodeToString(c.Body))
	got := s.receiver.await(a.eventID(), 1)[0]
	if c.Expect.Type != "" {
		require.Equal(t, c.Expect.Type, got.header.Get("Penstock-Event-Type"))
	}
	if len(c.Expect.Transform) == 0 {
		sameBytes(t, c.Body, got.body)
	}
	for _, want := range c.Expect.Transform {
		require.JSONEq(t, string(want), string(got.body))
	}
}
