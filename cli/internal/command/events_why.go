package command

import (
	"fmt"
	"strings"
	"time"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// waits says why each delivery waits that does, a line each.
func waits(deliveries []trackerclient.Delivery, now time.Time) string {
	var b strings.Builder
	for _, d := range deliveries {
		if w := d.Waiting; w != nil {
			b.WriteString(terminal.Line(d.Route+" waits: "+waitText(w, now)) + "\n")
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "\n" + b.String()
}

func waitText(w *trackerclient.Waits, now time.Time) string {
	text := w.Text
	if w.Since != nil {
		text += ", since " + terminal.Ago(*w.Since, now)
	}
	switch {
	case w.Until != nil && w.Until.After(now):
		text += "; the next attempt " + terminal.Ago(*w.Until, now)
	case w.Until != nil:
		text += "; the next attempt is due"
	}
	return text
}

// lastAnswers shows how the destination answered the last failed attempt on each route.
func lastAnswers(history []trackerclient.Fact, style terminal.Style) string {
	var routes []string
	last := map[string]trackerclient.Fact{}
	for _, f := range history {
		if f.Reason == nil || f.Answer == nil && f.AnswerHeaders == nil {
			continue
		}
		if _, known := last[f.Route]; !known {
			routes = append(routes, f.Route)
		}
		last[f.Route] = f
	}
	var b strings.Builder
	for _, route := range routes {
		b.WriteString("\n" + answerText(last[route], style))
	}
	return b.String()
}

func answerText(f trackerclient.Fact, style terminal.Style) string {
	var b strings.Builder
	b.WriteString(style.Strong(terminal.Line(fmt.Sprintf("Answer on %s: HTTP %d", f.Route, or(f.HttpStatus, 0)))) + "\n")
	for _, h := range or(f.AnswerHeaders, nil) {
		b.WriteString(style.Faint(terminal.Line(h.Name)+":") + " " + terminal.Line(h.Value) + "\n")
	}
	if text := or(f.Answer, ""); text != "" {
		b.WriteString(terminal.Safe(strings.TrimRight(text, "\r\n")) + "\n")
	}
	if or(f.AnswerCut, false) {
		b.WriteString(style.Faint("(the answer goes on; 4 KiB of it are kept)") + "\n")
	}
	return b.String()
}
