package deliver_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/worker/internal/deliver"
)

// batched is a destination that takes batches of ten, and its receiver.
type batched struct {
	*deliver.Destination
	mu       sync.Mutex
	requests []*http.Request
	sizes    []int
}

// startBatched starts a receiver that answers a batch with answer: a status and a body.
func startBatched(t *testing.T, answer func(ids []string) (int, string), change func(*config.Destination)) *batched {
	t.Helper()
	b := new(batched)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		ids := idsOf(r, body)
		kept := r.Clone(context.Background())
		kept.Body = io.NopCloser(bytes.NewReader(body))
		b.mu.Lock()
		b.requests, b.sizes = append(b.requests, kept), append(b.sizes, len(ids))
		b.mu.Unlock()
		status, text := answer(ids)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(server.Close)
	d := settings(server.URL)
	d.Format, d.Batch = config.CloudEventsStructured, &config.Batch{Max: 10, Wait: config.Duration(50 * time.Millisecond), Bytes: 1 << 20, As: config.Array}
	if change != nil {
		change(d)
	}
	b.Destination = destination(t, d)
	return b
}

// document is what is read of one event.
type document struct {
	ID string `json:"id"`
}

// idsOf are those of the documents of a batch.
func idsOf(r *http.Request, body []byte) (ids []string) {
	documents := []document{}
	if r.Header.Get("Content-Type") != "application/x-ndjson" {
		if json.Unmarshal(body, &documents) != nil {
			return nil
		}
	} else {
		for lines := bufio.NewScanner(bytes.NewReader(body)); lines.Scan(); {
			var one document
			if json.Unmarshal(lines.Bytes(), &one) != nil {
				return nil
			}
			documents = append(documents, one)
		}
	}
	for _, d := range documents {
		ids = append(ids, d.ID)
	}
	return ids
}

// deliverAll hands over events at once, and returns what became of each, by its id, and the
// status that was noted with it.
func (b *batched) deliverAll(t *testing.T, n int) (errs map[string]error, statuses map[string]int) {
	t.Helper()
	errs, statuses = map[string]error{}, map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			e := sample()
			e.ID = fmt.Sprintf("event-%d", i)
			ctx, said := consume.WithAnswer(t.Context())
			err := b.Handle(ctx, e)
			mu.Lock()
			defer mu.Unlock()
			errs[e.ID], statuses[e.ID] = err, said().Status
		})
	}
	all.Wait()
	return errs, statuses
}

func takeAll([]string) (int, string) { return http.StatusOK, "" }

func TestEventsAreDeliveredInBatches(t *testing.T) {
	t.Parallel()
	for as, kind := range map[config.BatchFormat]string{config.Array: "application/cloudevents-batch+json", config.Lines: "application/x-ndjson"} {
		t.Run(string(as), func(t *testing.T) {
			t.Parallel()
			b := startBatched(t, takeAll, func(d *config.Destination) { d.Batch.As = as; signing(newKey)(d) })
			errs, statuses := b.deliverAll(t, 35)
			require.Len(t, errs, 35)
			for id, err := range errs {
				require.NoError(t, err, id)
				require.Equal(t, http.StatusOK, statuses[id])
			}
			sum := 0
			for n, size := range b.sizes {
				require.LessOrEqual(t, size, 10)
				sum += size
				r := b.requests[n]
				require.Equal(t, kind, r.Header.Get("Content-Type"))
				require.Equal(t, strconv.Itoa(size), r.Header.Get("Penstock-Batch-Size"))
				require.NotEmpty(t, r.Header.Get("Penstock-Batch-Id"))
				body, err := io.ReadAll(r.Body)
				require.NoError(t, err)
				require.Equal(t, signatureOf(t, newKey, r.Header.Get("Webhook-Id"), r.Header.Get("Webhook-Timestamp"), body), r.Header.Get("Webhook-Signature"))
			}
			require.Equal(t, 35, sum, "each event once")
			require.Less(t, len(b.sizes), 20)
		})
	}
}

func TestTheOfficialSDKReadsABatch(t *testing.T) {
	t.Parallel()
	b := startBatched(t, takeAll, nil)
	b.deliverAll(t, 10)
	seen := 0
	for _, r := range b.requests {
		events, err := cloudevents.NewEventsFromHTTPRequest(r)
		require.NoError(t, err)
		for _, e := range events {
			require.NoError(t, e.Validate())
			require.Equal(t, string(sample().Body), string(e.Data()))
			seen++
		}
	}
	require.Equal(t, 10, seen)
}

func TestEachEventOfABatchHasItsOwnOutcome(t *testing.T) {
	t.Parallel()
	b := startBatched(t, func([]string) (int, string) {
		return http.StatusOK, `{"failed": [{"id": "event-1", "status": 422}, {"id": "event-2", "status": 503}, {"id": "event-3"}, {"id": "another"}]}`
	}, nil)
	errs, _ := b.deliverAll(t, 10)
	for id, err := range errs {
		switch id {
		case "event-1":
			require.True(t, fault.IsPermanent(err))
			require.Equal(t, fault.ReasonRejected, fault.ReasonOf(err))
		case "event-2", "event-3":
			require.False(t, fault.IsPermanent(err))
			require.Equal(t, fault.ReasonServerError, fault.ReasonOf(err))
		default:
			require.NoError(t, err, id)
		}
	}
}

// A destination that refuses a whole batch for good gets each of its events alone.
func TestAnEventThatIsRefusedForGoodTakesNoOtherWithIt(t *testing.T) {
	t.Parallel()
	b := startBatched(t, func(ids []string) (int, string) {
		if strings.Contains(strings.Join(ids, " ")+" ", "event-4 ") {
			return http.StatusUnprocessableEntity, "bad"
		}
		return http.StatusOK, ""
	}, nil)
	errs, statuses := b.deliverAll(t, 10)
	for id, err := range errs {
		if id == "event-4" {
			require.True(t, fault.IsPermanent(err))
			require.Equal(t, http.StatusUnprocessableEntity, statuses[id])
			continue
		}
		require.NoError(t, err, id)
		require.Equal(t, http.StatusOK, statuses[id])
	}
}

// What the answer to a batch says of its last events does not arrive.
func TestEventsWhoseOutcomeIsNotKnownAreSentAlone(t *testing.T) {
	t.Parallel()
	cut := `{"failed": [{"id": "event-1", "status": 422}], "detail": "` + strings.Repeat("x", 2<<20) + `", "more": `
	b := startBatched(t, func(ids []string) (int, string) {
		switch {
		case len(ids) > 1:
			return http.StatusOK, cut
		case ids[0] == "event-1":
			return http.StatusUnprocessableEntity, ""
		}
		return http.StatusOK, ""
	}, nil)
	errs, _ := b.deliverAll(t, 10)
	for id, err := range errs {
		require.Equal(t, id == "event-1", err != nil, id)
	}
	require.True(t, fault.IsPermanent(errs["event-1"]))
}

func TestABatchThatFailsIsTriedAgainWhole(t *testing.T) {
	t.Parallel()
	b := startBatched(t, func([]string) (int, string) { return http.StatusBadGateway, "" }, nil)
	errs, _ := b.deliverAll(t, 10)
	for _, err := range errs {
		require.False(t, fault.IsPermanent(err))
		require.Equal(t, fault.ReasonServerError, fault.ReasonOf(err))
	}
	for _, size := range b.sizes {
		require.Positive(t, size)
	}
}

func TestABatchIsNotLargerThanItMayBe(t *testing.T) {
	t.Parallel()
	b := startBatched(t, takeAll, func(d *config.Destination) { d.Batch.Bytes = 500 })
	errs, _ := b.deliverAll(t, 10)
	for id, err := range errs {
		require.NoError(t, err, id)
	}
	for _, size := range b.sizes {
		require.LessOrEqual(t, size, 2, "a document has some 250 bytes")
	}
}

// While every request is under way, events gather in one batch, however long that takes.
func TestEventsGatherWhileNoRequestCanBeMade(t *testing.T) {
	t.Parallel()
	began, leave := make(chan struct{}, 10), make(chan struct{})
	b := startBatched(t, func([]string) (int, string) {
		began <- struct{}{}
		<-leave
		return http.StatusOK, ""
	}, func(d *config.Destination) { d.Concurrency, d.Batch.Wait = 1, config.Duration(time.Millisecond) })
	first := make(chan struct{})
	go func() { defer close(first); _ = b.Handle(t.Context(), sample()) }()
	<-began
	done := make(chan map[string]error)
	go func() { errs, _ := b.deliverAll(t, 9); done <- errs }()
	require.Eventually(t, func() bool { return b.State().InUse == 10 }, 10*time.Second, time.Millisecond)
	require.Empty(t, began)
	close(leave)
	<-first
	for id, err := range <-done {
		require.NoError(t, err, id)
	}
	require.LessOrEqual(t, len(b.sizes), 3, "one alone, and those that gathered behind it")
}

func TestAnEventOfABatchIsHandedBackWhenTheProcessStops(t *testing.T) {
	t.Parallel()
	began, leave := make(chan struct{}), make(chan struct{})
	b := startBatched(t, func([]string) (int, string) { close(began); <-leave; return http.StatusOK, "" }, nil)
	t.Cleanup(func() { close(leave) })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- b.Handle(ctx, sample()) }()
	<-began
	cancel()
	require.ErrorIs(t, <-done, consume.ErrHandBack)
}
