package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

func TestTheListIsWhatItsAddressSays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	b.happen(1, "invoice.paid", status.Delivered, "{}")
	b.happen(2, "invoice.voided", status.Dead, "{}")
	b.happen(3, "charge.failed", status.Dead, "{}")
	for query, want := range map[string]string{
		"":                                       "charge.failed invoice.voided invoice.paid",
		"?state=dead":                            "charge.failed invoice.voided",
		"?type=invoice.*":                        "invoice.voided invoice.paid",
		"?type=invoice.paid":                     "invoice.paid",
		"?find=evt_2":                            "invoice.voided",
		"?route=invoices&source=x":               "",
		"?source=shop&state=dead&type=invoice.*": "invoice.voided",
		"?within=15m":                            "",
		"?within=24h&reason=timeout&state=dead":  "charge.failed invoice.voided",
		"?from=2020-01-01T00:00":                 "charge.failed invoice.voided invoice.paid",
		"?to=2020-01-01T00:00":                   "",
	} {
		got := b.get("/console/events" + query)
		require.Equal(t, http.StatusOK, got.StatusCode, query)
		require.Equal(t, want, strings.Join(types(got.body), " "), query)
	}
}

// types returns the types of the events that a page lists.
func types(body string) []string {
	var all []string
	for _, part := range strings.Split(body, `<a class="event-type"`)[1:] {
		text := part[strings.IndexByte(part, '>')+1:]
		text, _, _ = strings.Cut(text, "</a>")
		all = append(all, strings.ReplaceAll(text, "<wbr>", "")) // where a narrow page may break it
	}
	return all
}

func TestAFilterThatCannotBeSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	for _, query := range []string{"?state=gone", "?within=-1h", "?within=soon", "?from=yesterday", "?cursor=x"} {
		require.Equal(t, http.StatusBadRequest, b.get("/console/events"+query).StatusCode, query)
	}
}

func TestTheFormHoldsWhatTheAddressSays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	got := b.get("/console/events?" + url.Values{"find": {`"><b>`}, "type": {"invoice.*"}, "source": {"shop"}, "route": {"not-there-any-more"}, "state": {"dead"}}.Encode())
	require.Contains(t, got.body, `value="&#34;&gt;&lt;b&gt;"`)
	require.Contains(t, got.body, `value="invoice.*"`)
	require.Contains(t, got.body, `<option selected>shop</option>`)
	require.Contains(t, got.body, `<option selected>not-there-any-more</option>`)
	require.Contains(t, got.body, `<option selected>dead</option>`)
}

func TestALongListGoesOnWithItsFilters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	for n := range int64(60) {
		b.happen(n, "invoice.paid", status.Delivered, "{}")
	}
	first := b.get("/console/events?type=invoice.*")
	require.Len(t, types(first.body), 50)
	require.Contains(t, first.body, "data-live")
	at := strings.Index(first.body, `href="?cursor=`)
	require.Positive(t, at)
	next := strings.ReplaceAll(first.body[at+6:at+6+strings.IndexByte(first.body[at+6:], '"')], "&amp;", "&")
	require.Contains(t, next, "type=invoice")
	second := b.get("/console/events" + next)
	require.Len(t, types(second.body), 10)
	require.NotContains(t, second.body, `id="list" data-live`)
	require.Contains(t, second.body, "First page")
}

func TestAnIdLeadsStraightToItsEvent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	b.happen(7, "invoice.paid", status.Delivered, "{}")
	got := b.get("/console/events?find=" + strings.ToUpper(id(7)))
	require.Equal(t, "/console/events/"+id(7), got.Header.Get("Location"))
	require.Equal(t, http.StatusOK, b.get("/console/events?find="+id(8)).StatusCode)
}

func TestAnEventsPageShowsAllThatIsKnown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	b.happen(7, "invoice.paid", status.Dead, `{"amount": 12.50, "id": 12345678901234567890}`, event.Field{Name: "X-Repeated", Value: "1"}, event.Field{Name: "X-Repeated", Value: "2"})
	got := b.get("/console/events/" + id(7))
	for _, want := range []string{
		id(7), "evt_7", "203.0.113.9", "POST /in/shop", "Given up", "attempt 1", "HTTP 504", "1.2 s", "the destination did not answer in time",
		`<span class="key">&#34;amount&#34;</span>`, `<span class="number-token">12.50</span>`, `12345678901234567890`, "[redacted]",
		"https://hooks.example.org/in/shop", "Discard", "Replay",
	} {
		require.Contains(t, got.body, want)
	}
	require.Equal(t, 2, strings.Count(got.body, ">X-Repeated<"))
	require.NotContains(t, got.body, "hush")
	require.Contains(t, b.get("/console/events/"+id(7)+"?as=raw").body, `{&#34;amount&#34;: 12.50, &#34;id&#34;`)
	require.Contains(t, b.get("/console/events/"+id(7)+"?as=hex").body, "7b 22 61 6d 6f 75 6e 74")
}

func TestAPayloadIsSavedByteForByteAndNeverShown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	body := "<script>alert(1)</script>\x00\xff"
	b.happen(7, "invoice.paid", status.Delivered, body)
	got := b.get("/console/events/" + id(7) + "/payload")
	require.Equal(t, body, got.body)
	require.Equal(t, "application/octet-stream", got.Header.Get("Content-Type"))
	require.Equal(t, `attachment; filename="`+id(7)+`.json"`, got.Header.Get("Content-Disposition"))
	require.Equal(t, "nosniff", got.Header.Get("X-Content-Type-Options"))
}

func TestAnEventThatTheArchiveLostSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	b.happen(7, "invoice.paid", status.Delivered, "{}")
	delete(b.archive, 7)
	require.Contains(t, b.get("/console/events/"+id(7)).body, "The archive does not hold it any more")
	require.Equal(t, http.StatusGone, b.get("/console/events/"+id(7)+"/payload").StatusCode)
}

func TestWhatStrangersWroteStaysText(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	attack := `"><script>alert(1)</script><img src=x onerror=alert(2)>'` + "\u202e`${x}{{.}}"
	b.happen(7, attack, status.Dead, attack, event.Field{Name: attack, Value: attack}, event.Field{Name: "Content-Type", Value: attack})
	for _, path := range []string{"/events", "/events/" + id(7), "/events/" + id(7) + "?as=hex", "/dead", "/routes/invoices", "/sources/shop", "/events?type=" + url.QueryEscape(attack), "/add?find=" + url.QueryEscape(attack)} {
		body := b.get("/console" + path).body
		require.NotContains(t, body, "<script>alert", path)
		require.NotContains(t, body, "<img src=x", path)
		require.NotContains(t, body, "ZgotmplZ", path)
	}
}

func TestARoundThatTheSenderBeganIsNoJob(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	b.happen(7, "invoice.paid", status.Delivered, "{}")
	repeat := func(replay string) {
		require.NoError(t, b.store.Apply(t.Context(), &store.Batch{
			Accepted: []store.Accepted{{ID: id(7), Source: "shop", Offset: 8, Routes: []string{"invoices"}, Replay: replay, ReplayedAt: start.Add(time.Hour)}},
			Records:  []status.Record{{Kind: status.Delivered, Event: id(7), Route: "invoices", Attempt: 1, At: start.Add(2 * time.Hour), Replay: replay}},
		}))
	}
	repeat("round-1")
	require.NoError(t, b.store.Apply(t.Context(), &store.Batch{
		Records: []status.Record{{Kind: status.Replayed, Event: id(7), Route: "invoices", At: start.Add(3 * time.Hour), Replay: "job-1", By: "ops"}},
	}))
	got := b.get("/console/events/" + id(7))
	require.Contains(t, got.body, "its sender sent it again")
	require.NotContains(t, got.body, "/jobs/round-1")
	require.Contains(t, got.body, "/jobs/job-1")
}
