package command

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/outgoing"
	"github.com/penstock/penstock/cli/internal/relay"
	"github.com/penstock/penstock/pkg/trackerclient"
)

const forwardHelp = `With --forward it relays real events of an installation to applications on this
machine, from the archive, through the API of the tracker. The application gets the
sender's request: the body byte for byte, and the header fields with the signature. It
is no delivery: no route, no count and no other receiver sees anything of it.

The first time it begins with what comes next, or where --from says. It keeps how far it
came in a file, for the same tracker, sources, types, filter and targets, and begins there
the next time: nothing is missed while this machine sleeps, while it is not running, or
while the tracker changes, and an event may come twice. An application that does not listen
is waited for. Any answer is one: an event that was answered with an error is not sent
again, unless you press r. On a terminal, keys select an event, send it again, show it,
open it in the console, pause and quit. The token needs the scope relay.`

// forward are the flags of the relay.
type forward struct {
	tracker trackerFlags
	to      []string
	sources []string
	types   []string
	filter  string
	from    string
	cursor  string
	header  []string
	timeout time.Duration
	output  string // of listen
}

func (f *forward) register(c *cobra.Command, s Streams) {
	f.tracker.register(c)
	flags := c.Flags()
	flags.StringArrayVar(&f.to, "forward", nil, "relay events to this `URL`, or SOURCE=URL for those of one source; may be repeated")
	flags.StringArrayVar(&f.sources, "source", nil, "relay only events of this `source`; may be repeated")
	flags.StringArrayVar(&f.types, "type", nil, "relay only this `type`, or with a beginning, such as 'invoice.*'; may be repeated")
	flags.StringVar(&f.filter, "filter", "", "relay only events for which this `expression` (CEL) is true")
	flags.StringVar(&f.from, "from", "", "relay from this `place`: a time ago such as 2h, RFC 3339, the id of an event, first, or now (default: where it ended last)")
	flags.StringVar(&f.cursor, "cursor", "", "`file` that keeps how far it came (default: one in the folder for states)")
	flags.StringArrayVar(&f.header, "header", nil, "set this header `field` on what is relayed, as 'Name: value', where the value may be env:NAME or file:PATH")
	flags.DurationVar(&f.timeout, "timeout", 30*time.Second, "relay: wait so long for an answer of the application")
	completeFlag(c, "source", names(s, sourceNames))
}

// receiving are the flags that make no sense with --forward, and relaying those without it.
var (
	receiving = []string{"listen", "secret", "fail", "for", "fail-first", "retry-after", "delay", "verbose", "raw", "print-ids"}
	relaying  = []string{"api", "token", "token-file", "source", "type", "filter", "from", "cursor", "header", "timeout"}
)

// checkFlags refuses flags of the other use.
func (f *forward) checkFlags(c *cobra.Command) error {
	wrong, why := relaying, "needs --forward"
	if len(f.to) > 0 {
		wrong, why = receiving, "and --forward exclude each other"
	}
	if i := slices.IndexFunc(wrong, c.Flags().Changed); i >= 0 {
		return usage("--%s %s", wrong[i], why)
	}
	return nil
}

// relayRun is a relay that runs.
type relayRun struct {
	*tracker

	forwarder *relay.Forwarder
	params    trackerclient.RelayEventsParams
	cursor    relay.Cursor
	view      relayView
}

// start makes a run of the flags.
func (f *forward) start(s Streams) (*relayRun, error) {
	if f.output != "text" && f.output != formatJSON {
		return nil, usage("--output %s: not text or json", f.output)
	}
	targets, err := relay.ParseTargets(f.to)
	if err != nil {
		return nil, usage("--forward %w", err)
	}
	header, err := f.fields(s)
	if err != nil {
		return nil, err
	}
	t, err := f.tracker.connect(s, outgoing.NewClient(outgoing.SendOptions{}))
	if err != nil {
		return nil, err
	}
	r := &relayRun{tracker: t, cursor: f.place(s)}
	r.forwarder = &relay.Forwarder{
		Client: outgoing.NewClient(outgoing.SendOptions{Timeout: f.timeout}), Targets: targets, Header: header,
		Waiting: func(t relay.Target, why error) { r.view.note("waiting for " + t.URL.Redacted() + ": " + why.Error()) },
	}
	from, err := f.begin(s, r.cursor)
	if err != nil {
		return nil, err
	}
	r.params = trackerclient.RelayEventsParams{Source: list(f.sources), Type: list(f.types), Filter: optional(f.filter), From: optional(from)}
	return r, nil
}

// list is nothing for an empty list.
func list(texts []string) *[]string {
	if len(texts) == 0 {
		return nil
	}
	return &texts
}

// fields reads --header.
func (f *forward) fields(s Streams) (http.Header, error) {
	h := http.Header{}
	for _, field := range f.header {
		name, value, ok := strings.Cut(field, ":")
		if !ok {
			return nil, usage("--header %s: not 'Name: value'", name)
		}
		resolved, err := secret("--header "+name, strings.TrimSpace(value), s.Env)
		if err != nil {
			return nil, err
		}
		h.Set(name, resolved)
	}
	return h, nil
}

// place is the file that keeps how far this relay came.
func (f *forward) place(s Streams) relay.Cursor {
	if f.cursor != "" {
		return relay.Cursor{Path: f.cursor}
	}
	home, _ := s.Env("HOME")
	folder := setting(s, "", "XDG_STATE_HOME", filepath.Join(home, ".local", "state"))
	if home == "" {
		if cache, err := os.UserCacheDir(); err == nil { // Windows
			folder = cache
		}
	}
	return relay.CursorOf(filepath.Join(folder, "penstock", "listen"),
		f.tracker.url(s), strings.Join(f.sources, "\n"), strings.Join(f.types, "\n"), f.filter, strings.Join(f.to, "\n"))
}

// begin is where the relay begins, as the tracker wants it.
func (f *forward) begin(s Streams, kept relay.Cursor) (string, error) {
	if f.from == "" {
		return kept.Load()
	}
	if f.from == "now" || f.from == "first" || strings.Count(f.from, "-") > 1 { // a time of RFC 3339, or an id
		return f.from, nil
	}
	if last := f.from[len(f.from)-1]; last >= '0' && last <= '9' {
		return "", usage("--from %s: not a time ago such as 2h or 3d, RFC 3339, the id of an event, first, or now", f.from)
	}
	at, err := moment("--from", "-"+strings.TrimPrefix(f.from, "-"), s.Now())
	return at.UTC().Format(time.RFC3339Nano), err
}

func (f *forward) run(ctx context.Context, s Streams) error {
	r, err := f.start(s)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.view, err = r.newView(f.output, cancel)
	if err != nil {
		return err
	}
	defer r.view.end()
	return r.follow(ctx)
}
