package command

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/penstock/penstock/cli/internal/receiver"
	"github.com/penstock/penstock/cli/internal/relay"
	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// relayView shows what a relay does.
type relayView interface {
	show(e *trackerclient.RelayedEvent, r relay.Result, at time.Time) error
	note(text string)         // something that passes
	warn(text string)         // something that does not
	wait(ctx context.Context) // while it is paused
	end()
}

// newView makes the view for where the output goes; quit ends the relay.
func (r *relayRun) newView(output string, quit func()) (relayView, error) {
	if output == formatJSON || !terminal.Is(r.Out) || !terminal.IsInput(r.In) {
		return &plainView{Streams: r.Streams, json: output == formatJSON}, nil
	}
	restore, err := terminal.Raw(r.In)
	if err != nil {
		return nil, err
	}
	v := &keyView{Screen: relay.NewScreen(r.Out, r.style()), relayRun: r, restore: restore, quit: quit}
	go relay.ReadKeys(r.In, v.press) // it ends with the process: a read of a terminal cannot be ended
	return v, nil
}

// plainView writes lines.
type plainView struct {
	Streams

	json bool
	last string
}

func (v *plainView) show(e *trackerclient.RelayedEvent, r relay.Result, at time.Time) error {
	if v.json {
		return relay.PrintJSON(v.Out, e, r, at)
	}
	_, err := fmt.Fprintln(v.Out, relay.Line(e, r, at, v.style()))
	return err
}

func (v *plainView) note(text string) {
	if text != v.last {
		v.last = text
		tellf(v.Err, "%s", terminal.Line(text))
	}
}

func (v *plainView) warn(text string)   { tellf(v.Err, "%s", text) }
func (*plainView) wait(context.Context) {}
func (*plainView) end()                 {}

// keyView is a terminal with keys.
type keyView struct {
	*relay.Screen
	*relayRun

	restore func()
	quit    func()
}

func (v *keyView) show(e *trackerclient.RelayedEvent, r relay.Result, at time.Time) error {
	v.Add(e, r, at)
	return nil
}

func (v *keyView) note(text string)         { v.Note(terminal.Line(text)) }
func (v *keyView) warn(text string)         { v.Print(text) }
func (v *keyView) wait(ctx context.Context) { v.Wait(ctx) }

func (v *keyView) end() {
	v.Close()
	v.restore()
}

// press does what a key is for.
func (v *keyView) press(k relay.Key) (more bool) {
	e := v.Press(k)
	switch {
	case k == relay.KeyQuit || k == relay.KeyEnd:
		v.quit()
		return false
	case e == nil:
	case k == relay.KeyResend:
		go v.resend(e)
	case k == relay.KeyShow:
		v.Print(eventText(e, v.style()))
	case k == relay.KeyOpen:
		v.Note(openPage(strings.TrimSuffix(v.url, "/") + "/console/events/" + e.Id))
	}
	return true
}

// resend forwards an event once more, beside what comes.
func (v *keyView) resend(e *trackerclient.RelayedEvent) {
	results, _ := v.forwarder.Forward(context.Background(), e)
	for _, r := range results {
		v.Add(e, r, v.Now())
	}
}

// eventText is an event with its header fields for people.
func eventText(e *trackerclient.RelayedEvent, style terminal.Style) string {
	header := http.Header{}
	for _, f := range e.Request.Headers {
		header.Add(f.Name, f.Value)
	}
	var text bytes.Buffer
	receiver.Printer{Out: &text, Style: style, Headers: true}.Print(receiver.Report{
		Time: e.ReceivedAt, Method: e.Request.Method, Path: e.Request.Path, EventID: e.Id, Source: e.Source, Type: e.Type,
		Status: http.StatusOK, Header: header, Body: e.Body,
	})
	return text.String()
}

// openPage opens a page in the browser, and returns its address for who has none.
func openPage(address string) string {
	command := map[string][]string{"darwin": {"open"}, "windows": {"rundll32", "url.dll,FileProtocolHandler"}}[runtime.GOOS]
	if command == nil {
		command = []string{"xdg-open"}
	}
	browser := exec.Command(command[0], append(command[1:], address)...) //nolint:gosec,noctx // the tracker's address is the user's own choice; the browser outlives this
	if browser.Start() == nil {
		go func() { _ = browser.Wait() }()
	}
	return address
}
