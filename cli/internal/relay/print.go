package relay

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
	"github.com/penstock/penstock/pkg/visible"
)

// Line returns the line of one result for people.
func Line(e *trackerclient.RelayedEvent, r Result, at time.Time, style terminal.Style) string {
	return style.Faint(at.Format("15:04:05.000")) + "  " + status(r, style) + "  " + took(r.Took) + "  " +
		style.Strong(terminal.Line(e.Type)) + " from " + terminal.Line(e.Source) + "  " + terminal.Line(e.Id) +
		"  to " + terminal.Line(r.Target.URL.Redacted())
}

func status(r Result, style terminal.Style) string {
	switch {
	case r.Err != nil && timedOut(r.Err):
		return style.Bad("no answer in time")
	case r.Err != nil:
		return style.Bad(terminal.Line(r.Err.Error()))
	case r.Status/100 == 2:
		return style.Good(strconv.Itoa(r.Status))
	default:
		return style.Bad(strconv.Itoa(r.Status))
	}
}

func took(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) + " ms" }

// PrintJSON writes one result as an object on a line.
func PrintJSON(out io.Writer, e *trackerclient.RelayedEvent, r Result, at time.Time) error {
	line := struct {
		Time       time.Time `json:"time"`
		Event      string    `json:"event"`
		Source     string    `json:"source"`
		Type       string    `json:"type"`
		ReceivedAt time.Time `json:"receivedAt"`
		Target     string    `json:"target"`
		Status     int       `json:"status,omitempty"`
		TookMs     int64     `json:"tookMs"`
		Error      string    `json:"error,omitempty"`
	}{at, e.Id, e.Source, e.Type, e.ReceivedAt, r.Target.URL.Redacted(), r.Status, r.Took.Milliseconds(), ""}
	if r.Err != nil {
		line.Error = r.Err.Error()
	}
	var text bytes.Buffer
	if err := json.NewEncoder(&text).Encode(line); err != nil {
		return err
	}
	_, err := out.Write(visible.JSON(text.Bytes()))
	return err
}
