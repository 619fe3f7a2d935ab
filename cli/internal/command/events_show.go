package command

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/trackerclient"
)

func newEventsShow(s Streams) *cobra.Command {
	var f format
	var request, payload, text bool
	c := trackerCommand(s, &cobra.Command{
		Use:   "show ID",
		Short: "Show one event with its history, its request and its payload",
		Long: `Show prints where an event came from, what became of it on each route, and every
attempt with its error; of a delivery that is not finished, why it waits; and how the
destination answered the last attempt that failed. --request adds the request that
brought it. --payload prints the body of that request instead: on a terminal as text,
without its content coding and in UTF-8, and elsewhere byte for byte. --text prints it
as text anywhere. A token that some providers put into it is hidden.`,
		Example: trim(`
  penstock events show 019a2f6e-8f0c-7d3e-9b5a-0242ac120002
  penstock events show 019a2f6e-8f0c-7d3e-9b5a-0242ac120002 --payload >body
  penstock events show 019a2f6e-8f0c-7d3e-9b5a-0242ac120002 --text | jq .`),
		Args: cobra.ExactArgs(1),
	}, false, func(ctx context.Context, t *tracker, args []string) error {
		if payload || text {
			return t.printPayload(ctx, args[0], text || terminal.Is(t.Out))
		}
		return t.showEvent(ctx, f, args[0], request)
	})
	f.register(c)
	c.Flags().BoolVar(&request, "request", false, "show the request that brought it too")
	c.Flags().BoolVar(&payload, "payload", false, "print only the body")
	c.Flags().BoolVar(&text, "text", false, "print only the body, as text")
	c.MarkFlagsMutuallyExclusive("request", "payload", "text")
	return c
}

// shownEvent is what is printed.
type shownEvent struct {
	*trackerclient.EventDetail
	Request *trackerclient.Request `json:"request,omitempty"`
}

func (t *tracker) showEvent(ctx context.Context, f format, id string, withRequest bool) error {
	a, err := t.api.GetEventWithResponse(ctx, id)
	detail, err := value(t, a, err, (*trackerclient.GetEventResponse).GetJSON200)
	if err != nil {
		return err
	}
	shown := shownEvent{EventDetail: detail}
	if withRequest {
		r, err := t.api.GetRequestWithResponse(ctx, id)
		if shown.Request, err = value(t, r, err, (*trackerclient.GetRequestResponse).GetJSON200); err != nil {
			return err
		}
	}
	return f.write(t.Out, shown, func() error {
		_, err := t.Out.Write(shown.text(t.style(), t.Now()))
		return err
	})
}

// text writes an event for people. A buffer takes every write.
func (e shownEvent) text(style terminal.Style, now time.Time) []byte {
	var b bytes.Buffer
	event := &e.Event
	archived := "in the archive"
	if !event.Archived {
		archived = "not seen in the archive"
	}
	_ = fields(&b, style, [][2]string{
		{"Event", event.Id},
		{"Source", event.Source},
		{"Type", event.Type},
		{providerIDLabel(or(event.ProviderId, "")), or(event.ProviderId, "")},
		{"Received", local(event.ReceivedAt, time.RFC3339) + ", " + terminal.Ago(event.ReceivedAt, now)},
		{"Size", terminal.Size(event.Size) + ", " + archived},
		{"Duplicates", duplicates(e.Repeats, now)},
	})
	if len(event.Deliveries) > 0 {
		b.WriteString("\n")
		_ = terminal.Table(&b, style, deliveries(event, now), tintColumn(style, 1))
	}
	b.WriteString(waits(event.Deliveries, now))
	if len(e.History) > 0 {
		b.WriteString("\n")
		_ = terminal.Table(&b, style, history(e.History), tintColumn(style, 2))
	}
	b.WriteString(lastAnswers(e.History, style))
	if e.Request != nil {
		b.WriteString("\n" + requestHead(e.Request, style))
	}
	return b.Bytes()
}

// providerIDLabel says what is kept of the provider's id.
func providerIDLabel(id string) string {
	if event.IsDigest(id) {
		return "Digest"
	}
	return "Provider id"
}

// duplicates says how often the event came again; empty: never.
func duplicates(r *trackerclient.Repeats, now time.Time) string {
	if r == nil {
		return ""
	}
	return strconv.FormatInt(r.Count, 10) + ", the last " + terminal.Ago(r.LastAt, now) + "; not delivered again"
}

func deliveries(e *trackerclient.Event, now time.Time) [][]string {
	rows := [][]string{{"ROUTE", "STATE", "SINCE", "TRIES", "NEXT", "REASON", "ERROR"}}
	for _, d := range e.Deliveries {
		next := "-"
		if d.NextAttemptAt != nil {
			next = terminal.Ago(*d.NextAttemptAt, now)
		}
		rows = append(rows, []string{
			d.Route, string(d.State), terminal.Ago(d.Since, now), strconv.Itoa(d.Attempts), next, why(d.Reason, d.LastReason, d.HttpStatus), or(d.Error, ""),
		})
	}
	return rows
}

func history(facts []trackerclient.Fact) [][]string {
	rows := [][]string{{"TIME", "ROUTE", "WHAT", "TRY", "TOOK", "REASON", "ERROR"}}
	for _, f := range facts {
		attempt, took := "-", "-"
		if f.Attempt != nil {
			attempt = strconv.Itoa(*f.Attempt)
		}
		if f.TookMs != nil {
			took = terminal.Span(time.Duration(*f.TookMs) * time.Millisecond)
		}
		reason := why(f.Reason, f.LastReason, f.HttpStatus)
		if f.By != nil {
			reason += " by " + *f.By
		}
		rows = append(rows, []string{local(f.At, "Jan _2 15:04:05.000"), f.Route, f.Kind, attempt, took, reason, or(f.Error, "")})
	}
	return rows
}

func requestHead(r *trackerclient.Request, style terminal.Style) string {
	target := r.Path
	if r.Query != "" {
		target += "?" + r.Query
	}
	var b strings.Builder
	b.WriteString(style.Strong(terminal.Line(r.Method+" "+target)) + style.Faint(" from "+terminal.Line(r.RemoteAddress)) + "\n")
	for _, h := range r.Headers {
		b.WriteString(style.Faint(terminal.Line(http.CanonicalHeaderKey(h.Name))+":") + " " + terminal.Line(h.Value) + "\n")
	}
	return b.String()
}
