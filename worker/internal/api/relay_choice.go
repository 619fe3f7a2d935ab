package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/filter"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/track"
)

// choice says which events a relay is about.
type choice struct {
	sources []string // none: all
	types   []string // none: all
	filter  *filter.Filter
}

func newChoice(p RelayEventsParams) (*choice, error) {
	c := &choice{sources: value(p.Source), types: value(p.Type)}
	text := value(p.Filter)
	if text == "" {
		return c, nil
	}
	if len(text) > maxFilter {
		return nil, invalid(fmt.Sprintf("filter: more than %d bytes", maxFilter))
	}
	f, err := filter.Compile(text)
	if err != nil {
		return nil, invalid("filter: " + err.Error())
	}
	c.filter = f
	return c, nil
}

// maxFilter is how long a filter may be, in bytes.
const maxFilter = 4000

// takes reports whether the event is wanted. The error says that the filter cannot be evaluated.
func (c *choice) takes(ctx context.Context, e *event.Event) (bool, error) {
	if len(c.sources) > 0 && !slices.Contains(c.sources, e.Source) {
		return false, nil
	}
	ofType := func(text string) bool {
		f := store.Filter{Type: text}
		return f.Event(&store.Event{Type: e.Type})
	}
	if len(c.types) > 0 && !slices.ContainsFunc(c.types, ofType) {
		return false, nil
	}
	if c.filter == nil {
		return true, nil
	}
	return c.filter.Match(ctx, e)
}

// placeOf reads where a relay begins.
func (s *Server) placeOf(ctx context.Context, text string) (track.Place, error) {
	switch text {
	case "", "now":
		return s.options.Follower.End(ctx), nil
	case "first":
		return track.Place{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return track.Place{At: at}, nil
	}
	if at := strings.IndexAny(text, behind+before); at >= 0 {
		n, err := strconv.ParseInt(text[:at], 10, 64)
		p := track.Place{Offset: n, ID: text[at+1:], Again: text[at:at+1] == before}
		if _, known := event.IDTime(p.ID); err != nil || n < 0 || !known {
			return track.Place{}, store.ErrCursor
		}
		return p, nil
	}
	return s.placeBefore(ctx, text)
}

// What separates the offset of an entry from the id of its event, in the cursor of the place behind
// it and before it.
const (
	behind = "."
	before = ":"
)

// placeBefore returns the place of an event that the store knows.
func (s *Server) placeBefore(ctx context.Context, id string) (track.Place, error) {
	e, err := s.options.Store.Event(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return track.Place{}, invalid("from: not a cursor, the id of an event that the tracker knows, a time of RFC 3339, first, or now")
	}
	if err != nil {
		return track.Place{}, err
	}
	if e.Offset == store.NoOffset {
		return track.Place{}, errGone
	}
	return track.Place{Offset: e.Offset, ID: e.ID, Again: true}, nil
}

// cursorOf is a place as a text that placeOf reads.
func cursorOf(p track.Place) string {
	switch {
	case p.Again:
		return strconv.FormatInt(p.Offset, 10) + before + p.ID
	case p.ID != "":
		return strconv.FormatInt(p.Offset, 10) + behind + p.ID
	case p.At.IsZero():
		return "first"
	default:
		return p.At.UTC().Format(time.RFC3339Nano)
	}
}
