package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/rehearse"
)

// trialResult is what a route's rules make of all events.
type trialResult struct {
	Taken       int        `json:"taken"`
	Filtered    int        `json:"filtered"`
	Failed      int        `json:"failed"`
	Other       int        `json:"other"` // of a type that the route does not take
	Differences int        `json:"differences"`
	Events      []triedOne `json:"events"`
}

// triedOne is one event of them.
type triedOne struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	trialOutcome

	Expected *trialOutcome `json:"expected,omitempty"` // where it is another one
	original []byte
}

// tryCases tries the rules on each case, and notes the outcome in it. With compare, what was in it is
// what is expected.
func tryCases(ctx context.Context, route *rehearse.Route, cases []trialCase, compare bool) trialResult {
	result := trialResult{Events: make([]triedOne, len(cases))}
	for i := range cases {
		c := &cases[i]
		got := outcomeOf(route.Try(ctx, c.Event.toEvent()))
		one := triedOne{ID: c.Event.ID, Type: c.Event.Type, trialOutcome: got, original: c.Event.body()}
		if was := c.Outcome; compare && was != got {
			one.Expected = &was
			result.Differences++
		}
		c.Outcome = got
		result.Events[i] = one
		*result.counter(got.State)++
	}
	return result
}

func (r *trialResult) counter(s rehearse.State) *int {
	switch s {
	case rehearse.Taken:
		return &r.Taken
	case rehearse.Filtered:
		return &r.Filtered
	case rehearse.Failed:
		return &r.Failed
	default:
		return &r.Other
	}
}

func (r *routeTest) print(t *tracker, result trialResult) error {
	style := t.style()
	rows := [][]string{{"EVENT", "TYPE", "OUTCOME", "KEY", "WHY"}}
	for i := range result.Events {
		e := &result.Events[i]
		if e.State != rehearse.Other || e.Expected != nil {
			rows = append(rows, []string{e.ID, e.Type, string(e.State), e.Key, e.why()})
		}
	}
	if len(rows) > 1 {
		if err := terminal.Table(t.Out, style, rows, paintOutcome(style)); err != nil {
			return err
		}
	}
	for i := range result.Events {
		if text := result.Events[i].difference(r.diffs); text != "" {
			if _, err := fmt.Fprint(t.Out, "\n"+terminal.Safe(text)); err != nil {
				return err
			}
		}
	}
	tellf(t.Err, "%s", result.words(r.expect != ""))
	return nil
}

func paintOutcome(style terminal.Style) terminal.Paint {
	return func(column int, text string) string {
		switch {
		case column != 2:
			return text
		case text == string(rehearse.Failed):
			return style.Bad(text)
		case text == string(rehearse.Taken):
			return style.Good(text)
		default:
			return style.Warn(text)
		}
	}
}

// why says what went wrong, and where.
func (e *triedOne) why() string {
	var parts []string
	if e.Error != "" {
		text := e.Error
		if e.Position != "" {
			text += " (" + e.Rule + " " + e.Position + ")"
		}
		parts = append(parts, text)
	}
	if e.Expected != nil {
		parts = append(parts, "expected "+string(e.Expected.State))
	}
	return strings.Join(parts, "; ")
}

// difference is how the body changes, or how it is not what was expected.
func (e *triedOne) difference(all bool) string {
	switch {
	case e.Expected != nil && e.Expected.Body != e.Body:
		return string(diff.Diff(e.ID+" expected", readableBody([]byte(e.Expected.Body)), e.ID+" now", readableBody([]byte(e.Body))))
	case all && e.Body != "":
		return string(diff.Diff(e.ID+" received", readableBody(e.original), e.ID+" delivered", readableBody([]byte(e.Body))))
	default:
		return ""
	}
}

// readableBody indents JSON.
func readableBody(body []byte) []byte {
	var pretty bytes.Buffer
	if json.Indent(&pretty, body, "", "  ") != nil {
		return append(bytes.Clone(body), '\n')
	}
	pretty.WriteByte('\n')
	return pretty.Bytes()
}

func (r *trialResult) words(compared bool) string {
	text := fmt.Sprintf("%d events: %d taken, %d filtered, %d failed, %d of other types", len(r.Events), r.Taken, r.Filtered, r.Failed, r.Other)
	if compared {
		text += fmt.Sprintf("; %d not as expected", r.Differences)
	}
	return text
}
