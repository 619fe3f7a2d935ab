package adapter

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
)

// github asks for the deliveries of one webhook: of a repository, an organisation, or an App.
// The facts of its API are in pkg/account/facts/github.yaml.
type github struct {
	*client

	hook       string // the path of the webhook
	deliveries string // the path of its deliveries
}

func newGitHub(a *config.Account, c *client) (Adapter, error) {
	g := &github{client: c}
	switch {
	case a.Settings["app"] != "":
		g.hook, g.deliveries = "/app/hook/config", "/app/hook/deliveries"
	case a.Settings["organisation"] != "":
		g.hook = "/orgs/" + a.Settings["organisation"] + "/hooks/" + a.Settings["hook"]
	default:
		g.hook = "/repos/" + a.Settings["repository"] + "/hooks/" + a.Settings["hook"]
	}
	if g.deliveries == "" {
		g.deliveries = g.hook + "/deliveries"
	}
	sign := bearer(a.Credentials["token"].Reveal())
	if id := a.Settings["app"]; id != "" {
		app, err := newApp(id, a.Credentials["privateKey"].Reveal(), c.now)
		if err != nil {
			return nil, err
		}
		sign = app.sign
	}
	c.sign = func(ctx context.Context, h http.Header) error {
		h.Set("Accept", "application/vnd.github+json")
		h.Set("X-Github-Api-Version", "2022-11-28")
		return sign(ctx, h)
	}
	return g, nil
}

// attempt is what the list says of one try to deliver an event.
type attempt struct {
	ID          int64     `json:"id"`
	GUID        string    `json:"guid"`
	DeliveredAt time.Time `json:"delivered_at"`
	Redelivery  bool      `json:"redelivery"`
	StatusCode  int       `json:"status_code"`
	Event       string    `json:"event"`
	Action      string    `json:"action"`
}

// List returns first attempts, the newest first.
func (g *github) List(ctx context.Context, r Range) (Page, error) {
	query := url.Values{"per_page": {"100"}}
	if r.Cursor != "" {
		query.Set("cursor", r.Cursor)
	}
	var attempts []attempt
	a, err := g.get(ctx, g.deliveries, query, &attempts)
	if err != nil {
		return Page{}, err
	}
	page := Page{Next: cursorOf(a.Header.Get("Link")), Now: a.Now}
	for _, one := range attempts {
		if one.Redelivery { // the list has the first attempt too
			continue
		}
		page.Sent = append(page.Sent, Sent{
			ID: one.GUID, Ref: strconv.FormatInt(one.ID, 10), Type: typeOf(one.Event, one.Action),
			At: one.DeliveredAt.UTC(), Answered: one.StatusCode >= 200 && one.StatusCode <= 299,
		})
	}
	if n := len(attempts); n == 0 || attempts[n-1].DeliveredAt.Before(r.From) {
		page.Next = ""
	}
	return page, nil
}

// typeOf names the type as the preset does.
func typeOf(name, action string) string {
	if action != "" {
		name += "." + action
	}
	return event.CleanType(name)
}

// cursorOf returns the cursor of the next page in a Link field; empty when there is none.
func cursorOf(link string) string {
	for one := range strings.SplitSeq(link, ",") {
		target, relation, _ := strings.Cut(one, ";")
		if !strings.Contains(relation, `rel="next"`) {
			continue
		}
		next, err := url.Parse(strings.Trim(strings.TrimSpace(target), "<>"))
		if err == nil {
			return next.Query().Get("cursor")
		}
	}
	return ""
}

// Redeliver asks for another attempt. A token that lacks the right is answered 403 or 404.
func (g *github) Redeliver(ctx context.Context, s Sent) error {
	_, err := g.do(ctx, http.MethodPost, g.deliveries+"/"+url.PathEscape(s.Ref)+"/attempts", nil, nil)
	return of(err, []Trouble{NotFound, Forbidden}, Forbidden)
}

// Fetch returns the request of an attempt. GitHub gives its payload as JSON, also where the
// request was a form.
func (g *github) Fetch(ctx context.Context, s Sent) (Delivery, error) {
	var detail struct {
		Request struct {
			Headers map[string]string `json:"headers"`
			Payload json.RawMessage   `json:"payload"`
		} `json:"request"`
	}
	_, err := g.get(ctx, g.deliveries+"/"+url.PathEscape(s.Ref), nil, &detail)
	if err != nil {
		return Delivery{}, of(err, []Trouble{NotFound}, Gone)
	}
	d := Delivery{Body: detail.Request.Payload, Header: []event.Field{{Name: "Content-Type", Value: "application/json"}}}
	for name, value := range detail.Request.Headers {
		name = http.CanonicalHeaderKey(name)
		if strings.HasPrefix(name, "X-Github-") || name == "User-Agent" {
			d.Header = append(d.Header, event.Field{Name: name, Value: value})
		}
	}
	slices.SortFunc(d.Header, func(a, b event.Field) int { return strings.Compare(a.Name, b.Name) })
	return d, nil
}

// tokenEnd reads when a token ends; zero when it does not, or that is not understood.
func tokenEnd(text string) time.Time {
	for _, layout := range []string{"2006-01-02 15:04:05 MST", "2006-01-02 15:04:05 -0700"} {
		if end, err := time.Parse(layout, text); err == nil {
			return end.UTC()
		}
	}
	return time.Time{}
}

// Check reads the webhook. Only classic tokens say what they may do.
func (g *github) Check(ctx context.Context) (Report, error) {
	var hook struct {
		URL    string `json:"url"` // of an App's webhook
		Config struct {
			URL string `json:"url"`
		} `json:"config"`
		Active  *bool     `json:"active"`
		Events  []string  `json:"events"`
		Updated time.Time `json:"updated_at"`
	}
	a, err := g.get(ctx, g.hook, nil, &hook)
	if err != nil {
		return Report{}, err
	}
	s := &Subscription{URL: hook.Config.URL, Active: hook.Active == nil || *hook.Active, Types: hook.Events, Changed: hook.Updated}
	if g.hook == "/app/hook/config" {
		s.URL = hook.URL
	}
	r := Report{Subscription: s, Expires: tokenEnd(a.Header.Get("Github-Authentication-Token-Expiration"))}
	if scopes := a.Header.Get("X-Oauth-Scopes"); scopes != "" {
		r.Rights = strings.Split(strings.ReplaceAll(scopes, " ", ""), ",")
		may := slices.ContainsFunc(r.Rights, func(s string) bool {
			return slices.Contains([]string{"repo", "admin:repo_hook", "write:repo_hook", "admin:org_hook"}, s)
		})
		r.MayAsk = &may
	}
	return r, nil
}
