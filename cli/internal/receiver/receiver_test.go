package receiver_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/cli/internal/receiver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bundle is a receiver with a clock of its own.
type bundle struct {
	*receiver.Receiver
	now     time.Time
	reports []receiver.Report
}

func setup(t *testing.T, o receiver.Options) *bundle {
	t.Helper()
	b := &bundle{now: time.Unix(1_700_000_000, 0)}
	o.Now = func() time.Time { return b.now }
	o.Report = func(r receiver.Report) { b.reports = append(b.reports, r) }
	r, err := receiver.New(o)
	require.NoError(t, err)
	b.Receiver = r
	return b
}

func (b *bundle) post(event string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
	if event != "" {
		r.Header.Set("Penstock-Event-Id", event)
	}
	b.ServeHTTP(w, r)
	return w
}

func (b *bundle) codes(events ...string) []int {
	codes := make([]int, 0, len(events))
	for _, e := range events {
		codes = append(codes, b.post(e).Code)
	}
	return codes
}

func TestItFailsAsTold(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		failure receiver.Failure
		want    []int
	}{
		"never":                        {receiver.Failure{}, []int{200, 200, 200, 200, 200}},
		"always":                       {receiver.Failure{Status: 404}, []int{404, 404, 404, 404, 404}},
		"each event's first":           {receiver.Failure{First: 1}, []int{500, 500, 200, 200, 500}},
		"each event's first, its way":  {receiver.Failure{First: 2, Status: 429}, []int{429, 429, 429, 200, 429}},
		"both conditions are required": {receiver.Failure{First: 2, For: -1}, []int{500, 500, 500, 200, 500}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, receiver.Options{Failure: tc.failure})
			require.Equal(t, tc.want, b.codes("a", "b", "a", "a", "c"))
			require.Len(t, b.reports, 5)
		})
	}
}

func TestItFailsForAWhile(t *testing.T) {
	t.Parallel()
	b := setup(t, receiver.Options{Failure: receiver.Failure{Status: 503, For: time.Minute, RetryAfter: 1500 * time.Millisecond}})
	require.Equal(t, "2", b.post("a").Header().Get("Retry-After"))
	b.now = b.now.Add(time.Minute)
	w := b.post("a")
	require.Equal(t, 200, w.Code)
	require.Empty(t, w.Header().Get("Retry-After"))
}

func TestRequestsWithoutAnEventCountTogether(t *testing.T) {
	t.Parallel()
	b := setup(t, receiver.Options{Failure: receiver.Failure{First: 2}})
	require.Equal(t, []int{500, 500, 200, 200}, b.codes("", "", "", ""))
}

func TestHealthIsNotReported(t *testing.T) {
	t.Parallel()
	b := setup(t, receiver.Options{Failure: receiver.Failure{Status: 500}})
	w := httptest.NewRecorder()
	b.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", http.NoBody))
	require.Equal(t, 200, w.Code)
	require.Empty(t, b.reports)
}

func TestABodyThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, receiver.Options{})
	w := httptest.NewRecorder()
	b.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", &zeros{n: receiver.MaxBody + 1}))
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
}

type zeros struct{ n int }

func (z *zeros) Read(p []byte) (int, error) {
	n := min(len(p), z.n)
	z.n -= n
	if n == 0 {
		return 0, net.ErrClosed
	}
	return n, nil
}

func TestABadSecretIsRefused(t *testing.T) {
	t.Parallel()
	_, err := receiver.New(receiver.Options{Secrets: []string{"whsec_%"}})
	require.ErrorContains(t, err, "is not base64")
	require.NotContains(t, err.Error(), "%")
}

func TestServeEndsADelayWhenItStops(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	r, err := receiver.New(receiver.Options{Delay: time.Hour, Report: func(receiver.Report) { close(arrived) }})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+listener.Addr().String(), http.NoBody)
		if err == nil {
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			if response, err := client.Do(request); err == nil {
				_ = response.Body.Close()
			}
		}
	})
	wg.Go(func() {
		<-arrived
		cancel()
	})
	require.NoError(t, receiver.Serve(ctx, listener, r))
	wg.Wait()
}

func TestReportsArePrintedForPeople(t *testing.T) {
	t.Parallel()
	report := receiver.Report{
		Time: time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.UTC), Method: "PUT", Path: "/a?b=\x1b", EventID: "e\n1", Source: "shop",
		Type: "paid", Attempt: 3, Signature: "mismatch", Status: 401, Header: http.Header{"X-B": {"2"}, "X-A": {"1\x1b"}},
		Body: []byte(`{"b":1,"a":"` + "é" + `"}`),
	}
	var b bytes.Buffer
	receiver.Printer{Out: &b, Headers: true}.Print(report)
	require.Equal(t, strings.TrimPrefix(`
03:04:05.006  401  paid  from shop  e\n1  attempt 3  PUT /a?b=\x1b  signature INVALID: mismatch
    X-A: 1\x1b
    X-B: 2

    {
      "b": 1,
      "a": "é"
    }
`, "\n"), b.String())
}

func TestBodiesAreShownAsTheyAre(t *testing.T) {
	t.Parallel()
	show := func(body string, raw bool) string {
		var b bytes.Buffer
		receiver.Printer{Out: &b, Raw: raw}.Print(receiver.Report{Method: "POST", Path: "/", Status: 200, Body: []byte(body)})
		_, shown, _ := strings.Cut(b.String(), "\n")
		return shown
	}
	require.Equal(t, "    (no body)\n", show("", false))
	require.Equal(t, "    text\n    more\n", show("text\nmore\n", false))
	require.Equal(t, "    (2 B that are no text)\n", show("\x80\xfe", false))
	require.Equal(t, "\x80\xfe\n", show("\x80\xfe", true))
	require.Equal(t, "    {\n      \"a\": 1\n    }\n    (16 B, shown from another character set; --raw shows what came)\n",
		show("\xff\xfe{\x00\"\x00a\x00\"\x00:\x001\x00}\x00", false))
	require.Contains(t, show(strings.Repeat("é", 1<<20), false), "… and more; --raw shows all")
	require.Contains(t, show(strings.Repeat("x", 20<<10), false), "… 4.0 KiB more; --raw shows all")
}
