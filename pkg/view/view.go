package view

import (
	"cmp"
	"context"
	"net/url"
	"strings"

	"github.com/penstock/penstock/pkg/event"
)

// View is what rules see of one event. Its event must not change. One goroutine at a time
// may use it.
type View struct {
	event   *event.Event
	budget  *Budget
	headers map[string]string
	query   map[string]string
	read    bool
	held    int64 // of the budget
	content content
	err     error
}

// Of returns the view of the event that the rules of ctx share, or one of its own. What it
// holds is good until done is called.
func Of(ctx context.Context, e *event.Event) (v *View, done func()) {
	if s, ok := ctx.Value(sharedKey{}).(*shared); ok {
		if s.view == nil {
			s.view = newView(ctx, e)
		}
		if s.view.event == e {
			return s.view, func() {}
		}
	}
	v = newView(ctx, e)
	return v, v.close
}

func newView(ctx context.Context, e *event.Event) *View {
	return &View{event: e, budget: budgetOf(ctx)}
}

// close gives back what the view holds.
func (v *View) close() {
	if v.held > 0 {
		v.budget.give(v.held)
	}
	*v = View{event: v.event, budget: v.budget}
}

type sharedKey struct{}

// shared is where the rules of a context find their view.
type shared struct{ view *View }

// Share returns a context whose rules read the body of one event once, until done is
// called. Within another one's, it is that one.
func Share(ctx context.Context) (sharing context.Context, done func()) {
	if _, ok := ctx.Value(sharedKey{}).(*shared); ok {
		return ctx, func() {}
	}
	s := new(shared)
	return context.WithValue(ctx, sharedKey{}, s), func() {
		if s.view != nil {
			s.view.close()
		}
	}
}

// Headers returns the first value of each header field, by its name in lower case.
func (v *View) Headers() map[string]string {
	if v.headers == nil {
		v.headers = make(map[string]string, len(v.event.Request.Header))
		for _, f := range v.event.Request.Header {
			name := strings.ToLower(f.Name)
			if _, there := v.headers[name]; !there {
				v.headers[name] = f.Value
			}
		}
	}
	return v.headers
}

// Query returns the first value of each parameter of the request's query. What cannot be decoded is left
// out.
func (v *View) Query() map[string]string {
	if v.query == nil {
		values, _ := url.ParseQuery(v.event.Request.Query) // it returns what it can decode
		v.query = make(map[string]string, len(values))
		for name, list := range values {
			v.query[name] = list[0]
		}
	}
	return v.query
}

// Body returns the JSON value of the body, as content.Parse builds it, or of the payload
// that a form carries; or the body's text, where it is none. It must not be changed. The
// error is ErrUnreadable with its cause, ErrTooLarge, or that of ctx, which ended the wait
// for memory.
func (v *View) Body(ctx context.Context) (any, error) {
	v.load(ctx)
	return v.content.body, cmp.Or(v.err, v.content.bodyErr)
}

// Form returns the first value of each field of a form, by its name: of no other body there
// are any. It must not be changed. The error is as Body's.
func (v *View) Form(ctx context.Context) (map[string]any, error) {
	v.load(ctx)
	return v.content.form, cmp.Or(v.err, v.content.formErr)
}

// load reads the content, once. A wait that ctx ended does not count.
func (v *View) load(ctx context.Context) {
	if v.read {
		return
	}
	v.content, v.err = v.take(ctx)
	v.read = v.err == nil || ctx.Err() == nil
}

// take reads the content into memory that the budget has room for. It takes what it needs
// at least, and then looks what it needs. It never waits for more while it holds something:
// it gives all back, and begins again with what it knows to need.
func (v *View) take(ctx context.Context) (content, error) {
	coding, least, err := leastOf(v.event)
	if err != nil {
		return content{}, err
	}
	for need := least; ; {
		if err := v.budget.take(ctx, need); err != nil {
			return content{}, err
		}
		v.held = need
		draft := draftOf(v.event, coding)
		all := draft.bytes(least)
		if all == need || v.budget.grow(need, all) {
			v.held = all
			return draft.build(), nil
		}
		v.budget.give(need)
		v.held, need = 0, all
	}
}
