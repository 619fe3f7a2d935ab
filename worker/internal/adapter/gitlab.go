package adapter

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
)

// gitlab asks for the events of one webhook: of a project or a group. The facts of its API are
// in pkg/account/facts/gitlab.yaml.
type gitlab struct {
	*client

	hook string // the path of the webhook
}

func newGitLab(a *config.Account, c *client) (Adapter, error) {
	c.sign = bearer(a.Credentials["token"].Reveal())
	owner := "/projects/" + url.PathEscape(a.Settings["project"])
	if group := a.Settings["group"]; group != "" {
		owner = "/groups/" + url.PathEscape(group)
	}
	return &gitlab{client: c, hook: owner + "/hooks/" + a.Settings["hook"]}, nil
}

// logEntry is an attempt to deliver an event, as the API has it.
type logEntry struct {
	ID      json.Number       `json:"id"`
	Header  map[string]string `json:"request_headers"`
	Data    json.RawMessage   `json:"request_data"`
	Status  json.RawMessage   `json:"response_status"` // a number as a text, or words
	Created time.Time         `json:"created_at"`
}

// List returns attempts, the newest first. The cursor is the number of a page. What is sent
// meanwhile moves others to a later page, so that none is left out.
func (g *gitlab) List(ctx context.Context, r Range) (Page, error) {
	query := url.Values{"per_page": {"20"}, "page": {cmp.Or(r.Cursor, "1")}}
	var entries []logEntry
	a, err := g.get(ctx, g.hook+"/events", query, &entries)
	if err != nil {
		return Page{}, err
	}
	page := Page{Next: a.Header.Get("X-Next-Page"), Now: a.Now}
	for i := range entries {
		one, err := entries[i].sent()
		if err != nil {
			return Page{}, err
		}
		page.Sent = append(page.Sent, one)
	}
	if n := len(entries); n == 0 || entries[n-1].Created.Before(r.From) {
		page.Next = ""
	}
	return page, nil
}

// oversize is what GitLab keeps of an event that is too large.
const oversize = `{"oversize":true}`

var errOldGitLab = errors.New("this GitLab lists no created_at or no Idempotency-Key of what it sent; upgrade it")

// sent is the event of an attempt. One that GitLab has not kept has no Ref: it can be neither
// resent nor fetched.
func (e *logEntry) sent() (Sent, error) {
	h := http.Header{}
	for name, value := range e.Header {
		h.Set(name, value)
	}
	id := cmp.Or(h.Get("Idempotency-Key"), h.Get("Webhook-Id"))
	if id == "" || e.Created.IsZero() {
		return Sent{}, &Error{Trouble: Unreadable, Err: errOldGitLab}
	}
	s := Sent{
		ID: id, Type: event.CleanType(h.Get("X-Gitlab-Event")), At: e.Created.UTC(),
		Answered: strings.HasPrefix(strings.Trim(string(e.Status), `"`), "2"),
	}
	if kept := strings.Join(strings.Fields(string(e.Data[:min(len(e.Data), 2*len(oversize))])), ""); kept != oversize {
		s.Ref, s.Delivery = e.ID.String(), &Delivery{Header: gitlabFields(h), Body: e.Data}
	}
	return s, nil
}

// gitlabFields are the fields of the request but what GitLab has replaced, and what signs it.
func gitlabFields(h http.Header) []event.Field {
	var fields []event.Field
	for name := range h {
		own := strings.HasPrefix(name, "X-Gitlab-") || slices.Contains([]string{"Content-Type", "User-Agent", "Idempotency-Key", "Webhook-Id"}, name)
		if own && name != "X-Gitlab-Token" && h.Get(name) != "[REDACTED]" {
			fields = append(fields, event.Field{Name: name, Value: h.Get(name)})
		}
	}
	slices.SortFunc(fields, func(a, b event.Field) int { return strings.Compare(a.Name, b.Name) })
	return fields
}

// Redeliver has an event sent again. GitLab answers when the source has; where it does not,
// the event was sent all the same.
func (g *gitlab) Redeliver(ctx context.Context, s Sent) error {
	if s.Ref == "" {
		return &Error{Trouble: Gone}
	}
	_, err := g.do(ctx, http.MethodPost, g.hook+"/events/"+url.PathEscape(s.Ref)+"/resend", nil, nil)
	if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusUnprocessableEntity {
		return nil
	}
	return of(err, []Trouble{NotFound}, Gone)
}

// Fetch looks for the event in the list: the API gives none by its id.
func (g *gitlab) Fetch(ctx context.Context, s Sent) (Delivery, error) {
	if s.Ref == "" {
		return Delivery{}, &Error{Trouble: Gone}
	}
	return search(ctx, g, Range{From: s.At}, s.ID)
}

// Check reads the webhook, and what the token may do. A token that may not say that is none the
// worse for it.
func (g *gitlab) Check(ctx context.Context) (Report, error) {
	var hook map[string]any
	if _, err := g.get(ctx, g.hook, nil, &hook); err != nil {
		return Report{}, err
	}
	s := &Subscription{}
	s.URL, _ = hook["url"].(string)
	status, said := hook["alert_status"].(string)
	s.Active = !said || status == "executable"
	for name, value := range hook {
		if value == true && strings.HasSuffix(name, "_events") {
			s.Types = append(s.Types, name)
		}
	}
	slices.Sort(s.Types)
	r := Report{Subscription: s}
	var token struct {
		Scopes []string `json:"scopes"`
		Ends   string   `json:"expires_at"` // a date
	}
	if _, err := g.get(ctx, "/personal_access_tokens/self", nil, &token); err == nil {
		may := slices.Contains(token.Scopes, "api")
		r.Rights, r.MayAsk = token.Scopes, &may
		r.Expires, _ = time.Parse(time.DateOnly, token.Ends) // zero: it does not end
	}
	return r, nil
}
