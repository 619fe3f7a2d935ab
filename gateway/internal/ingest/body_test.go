package ingest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/ingest"
)

// setBody gives the request another body, of a declared length.
func setBody(r *ingest.Request, body string) {
	r.HTTP.Body, r.HTTP.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
}

// undeclared hides the length of the request's body, as chunked coding does.
func undeclared(r *ingest.Request) *ingest.Request {
	r.HTTP.ContentLength = -1
	return r
}

func TestABodyOfAnySizeArrivesWhole(t *testing.T) {
	t.Parallel()
	b := setup(t, "  open: {open: true, maxBody: 2MiB}")
	for _, size := range []int{0, 1, 16<<10 - 1, 16 << 10, 16<<10 + 1, 64 << 10, 300_000, 2 << 20} {
		body := strings.Repeat("x", size)
		b.accepted(t, request("open", body))
		b.accepted(t, undeclared(request("open", body)))
		slow := request("open", body)
		slow.HTTP.Body = io.NopCloser(iotest.HalfReader(strings.NewReader(body)))
		b.accepted(t, slow)
		got := b.publisher.events()
		for _, p := range got[len(got)-3:] {
			require.Equal(t, body, string(p.event.Body))
		}
	}
	require.Zero(t, b.limits.Bytes.Used())
	require.Zero(t, b.limits.Requests.Used())
}

func TestABodyAboveTheLimitIsRefused(t *testing.T) {
	t.Parallel()
	for _, limit := range []string{"10B", "16KiB", "100KiB"} {
		b := setup(t, "  open: {open: true, maxBody: "+limit+"}")
		size := map[string]int{"10B": 10, "16KiB": 16 << 10, "100KiB": 100 << 10}[limit]
		fits, over := strings.Repeat("x", size), strings.Repeat("x", size+1)
		b.accepted(t, request("open", fits))
		b.accepted(t, undeclared(request("open", fits)))
		require.Equal(t, ingest.KindTooLarge, b.refused(t, request("open", over)).Kind)
		require.Equal(t, ingest.KindTooLarge, b.refused(t, undeclared(request("open", over))).Kind)
	}
}

func TestADeclaredBodyThatIsTooLargeIsNotRead(t *testing.T) {
	t.Parallel()
	b := setup(t, "  open: {open: true, maxBody: 10B}")
	r := request("open", "")
	r.HTTP.Body, r.HTTP.ContentLength = io.NopCloser(iotest.ErrReader(errors.New("read"))), 11
	require.Equal(t, ingest.KindTooLarge, b.refused(t, r).Kind)
}

func TestABodyThatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	for reason, tc := range map[string]struct {
		err  error
		kind ingest.Kind
	}{
		"body-timeout":    {os.ErrDeadlineExceeded, ingest.KindTimeout},
		"body-incomplete": {io.ErrUnexpectedEOF, ingest.KindMalformed},
		"body-malformed":  {errors.New("invalid byte in chunk length"), ingest.KindMalformed},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			b := setup(t, "  open: {open: true}")
			r := request("open", "")
			r.HTTP.Body = io.NopCloser(io.MultiReader(strings.NewReader("part"), iotest.ErrReader(tc.err)))
			r.HTTP.ContentLength = -1
			refusal := b.refused(t, r)
			require.Equal(t, tc.kind, refusal.Kind)
			require.Equal(t, reason, refusal.Reason)
			require.Empty(t, b.publisher.events())
			require.Zero(t, b.limits.Bytes.Used())
		})
	}
}

func TestWorkBeyondTheBudgetsIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	b := setupWith(t, "  open: {open: true}", ingest.Limits{Requests: ingest.NewBudget(2), Bytes: ingest.NewBudget(100 << 10)})

	refusal := b.refused(t, request("open", strings.Repeat("x", 200<<10)))
	require.Equal(t, ingest.KindOverloaded, refusal.Kind)
	require.Equal(t, "byte-budget", refusal.Reason)
	require.Positive(t, refusal.RetryAfter)
	require.Zero(t, b.limits.Bytes.Used())

	// Two requests in work use up the other budget, until they end.
	entered, leave := make(chan struct{}), make(chan struct{})
	b.publisher.answer = func(context.Context) error { entered <- struct{}{}; <-leave; return nil }
	ended := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := b.Serve(t.Context(), request("open", "{}"))
			ended <- err
		}()
		<-entered
	}
	refusal = b.refused(t, request("open", "{}"))
	require.Equal(t, "request-budget", refusal.Reason)
	close(leave)
	for range 2 {
		require.NoError(t, <-ended)
	}
	require.Zero(t, b.limits.Requests.Used())
}

func TestARequestWithoutABodyIsAnEventOfAnOpenSource(t *testing.T) {
	t.Parallel()
	b := setup(t, "  open: {open: true}")
	r := request("open", "")
	r.HTTP.Body, r.HTTP.ContentLength = http.NoBody, 0
	b.accepted(t, r)
	require.Empty(t, b.publisher.events()[0].event.Body)
}

func TestWhatIsMadeOfALargeBodyCountsToo(t *testing.T) {
	t.Parallel()
	for size, held := range map[int]int64{
		10:        16 << 10,          // a buffer of the pool
		60 << 10:  60<<10 + 1,        // it travels as it came
		100 << 10: 2 * (100<<10 + 1), // it is held as it came and as it travels
		5 << 20:   2 * (5<<20 + 1),   // likewise
	} {
		b := setup(t, "  open: {open: true, maxBody: 5MiB}")
		used := make(chan int64, 1)
		b.publisher.answer = func(context.Context) error { used <- b.limits.Bytes.Used(); return nil }
		b.accepted(t, request("open", strings.Repeat("x", size)))
		require.Equal(t, held, <-used, "%d bytes", size)
		require.Zero(t, b.limits.Bytes.Used())
	}
}
