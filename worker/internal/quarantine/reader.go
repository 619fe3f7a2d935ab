package quarantine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/diagnose"
	"github.com/penstock/penstock/pkg/event"
	kept "github.com/penstock/penstock/pkg/quarantine"
	"github.com/penstock/penstock/worker/internal/store"
)

// MostShown is how many entries a list shows, the newest ones.
const MostShown = 200

// ErrNotFound means that the quarantine does not hold the entry any more, or that the
// configuration has no such source.
var ErrNotFound = errors.New("quarantine: not found")

// Auditor keeps who did what. *store.Store is one.
type Auditor interface {
	Note(ctx context.Context, a store.Audit) error
}

// Options are what a Reader works with. All must be set.
type Options struct {
	Consumer  *amqpx.Consumer
	Publisher *amqpx.Publisher
	Config    func() *config.Config // the one in force; it needs no secrets of sources
	Archive   bool                  // whether there is an archive
	Audit     Auditor
	Log       *zap.Logger
}

// Reader reads the quarantine. It is safe for concurrent use; one call at a time reads the
// stream, which may be long, and the others wait for it within their contexts.
type Reader struct {
	options Options
	reading chan struct{}
}

// New makes a reader.
func New(o Options) *Reader { return &Reader{o, make(chan struct{}, 1)} }

// Choice says which entries are meant. What is zero does not matter.
type Choice struct {
	Source string
	Since  time.Time
	ID     string // one entry alone
}

// has reports whether an entry is meant.
func (c Choice) has(e *kept.Entry) bool {
	return e.Event != nil && (c.Source == "" || c.Source == e.Event.Source) && (c.ID == "" || c.ID == e.ID)
}

// since is where reading begins. The broker has an entry after the request came.
func (c Choice) since() time.Time {
	if at, ok := event.IDTime(c.ID); ok && at.After(c.Since) {
		return at.Add(-time.Minute)
	}
	return c.Since
}

// Entry is what is shown of a request: nothing of its header and its body.
type Entry struct {
	ID         string
	Source     string
	From       string // the sender's address
	Method     string
	Path       string
	Reason     string // why it was refused
	ReceivedAt time.Time
	Bytes      int    // of the body
	Released   bool   // it has become an event
	Verdict    string // of a check, such as "valid"; empty without one
}

func entryOf(e *kept.Entry, verdict string) Entry {
	return Entry{
		ID: e.ID, Source: e.Event.Source, From: e.Event.Request.RemoteAddr, Method: e.Event.Request.Method, Path: e.Event.Request.Path,
		Reason: e.Reason, ReceivedAt: e.Event.ReceivedAt, Bytes: len(e.Event.Body), Verdict: verdict,
	}
}

// Page is a list of entries.
type Page struct {
	Entries []Entry // the newest first, at most MostShown
	Found   int     // how many there are
}

// add puts an entry into the page, and drops the oldest one that is too many.
func (p *Page) add(e Entry) {
	p.Found++
	if len(p.Entries) == 2*MostShown {
		p.Entries = slices.Delete(p.Entries, 0, MostShown)
	}
	p.Entries = append(p.Entries, e)
}

// finish puts the newest entries first.
func (p *Page) finish(released map[string]bool) {
	p.Entries = p.Entries[max(0, len(p.Entries)-MostShown):]
	slices.Reverse(p.Entries)
	for i := range p.Entries {
		e := &p.Entries[i]
		e.Released = released[e.ID] || e.Verdict == kept.ReleasedNow
	}
}

// List returns the entries of a choice. It fails when the stream cannot be read within ctx.
func (r *Reader) List(ctx context.Context, c Choice) (page Page, err error) {
	released := map[string]bool{}
	err = r.walk(ctx, c.since(), func(e *kept.Entry) error {
		if e.Event == nil {
			released[e.ID] = true
		} else if c.has(e) {
			page.add(entryOf(e, ""))
		}
		return nil
	})
	page.finish(released)
	return page, err
}

// Detail is one entry with its diagnosis.
type Detail struct {
	Entry

	Verdict *diagnose.Verdict // nil: Problem says why there is none
	Problem string
	Checked bool // with a secret
}

// Show returns an entry, and why it does not verify: with the secret if there is one, or else what
// can be known without. It fails with ErrNotFound, and when the stream cannot be read within ctx.
func (r *Reader) Show(ctx context.Context, id, secret string) (*Detail, error) {
	var found *kept.Entry
	released := false
	c := Choice{ID: id}
	err := r.walk(ctx, c.since(), func(e *kept.Entry) error {
		released = released || e.Event == nil && e.ID == id
		if c.has(e) {
			found = e
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return nil, fmt.Errorf("entry %s: %w", id, ErrNotFound)
	}
	d := &Detail{Entry: entryOf(found, ""), Checked: secret != ""}
	d.Released = released
	source := r.options.Config().Sources[found.Event.Source]
	if source == nil {
		d.Problem = "The configuration has no such source any more."
		return d, nil
	}
	if d.Verdict, err = kept.Diagnose(ctx, source, secretsOf(secret), found); err != nil {
		d.Problem = err.Error()
	}
	return d, nil
}

// secretsOf is the list of a secret that was typed.
func secretsOf(secret string) []string {
	if secret == "" {
		return nil
	}
	return []string{secret}
}

// walk goes through the quarantine as the only one of this reader.
func (r *Reader) walk(ctx context.Context, since time.Time, use func(*kept.Entry) error) error {
	select {
	case r.reading <- struct{}{}:
		defer func() { <-r.reading }()
	case <-ctx.Done():
		return fmt.Errorf("another page reads the quarantine: %w", ctx.Err())
	}
	return kept.Walk(ctx, r.options.Consumer, since, use)
}
