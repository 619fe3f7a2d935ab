package console

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/console/guide"
	"github.com/penstock/penstock/worker/internal/store"
)

// sourcesPage lists who sends.
type sourcesPage struct {
	Sources []sourceRow
	Known   bool // whether the gateway's address is known
}

type sourceRow struct {
	api.Source

	URL     string
	Refused int64
}

// showSources answers GET /sources.
func (c *Console) showSources(w http.ResponseWriter, r *http.Request, v *visitor) error {
	all, err := c.Operations.Sources(r.Context())
	if err != nil {
		return err
	}
	data := sourcesPage{Known: c.GatewayURL != ""}
	for _, s := range all {
		data.Sources = append(data.Sources, c.sourceRow(s))
	}
	return c.render(w, r, v, rendering{page: "sources", title: "Sources", place: "sources", data: data})
}

func (c *Console) sourceRow(s api.Source) sourceRow {
	row := sourceRow{Source: s, URL: c.sourceURL(s.Name)}
	for _, refusal := range s.Refusals {
		row.Refused += refusal.Count
	}
	return row
}

// sourcePage is one source.
type sourcePage struct {
	sourceRow

	Config *config.Source // nil when it is not configured any more
	Guide  *guide.Guide   // nil without a preset
	Known  bool           // whether the gateway's address is known
	Events []store.Event  // the last ones
}

// showSource answers GET /sources/{name}.
func (c *Console) showSource(w http.ResponseWriter, r *http.Request, v *visitor) error {
	name := r.PathValue("name")
	all, err := c.Operations.Sources(r.Context())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(s api.Source) bool { return s.Name == name })
	if i < 0 {
		return errNotFound
	}
	last, err := c.Events.Events(r.Context(), store.Query{Source: name, Limit: 10})
	if err != nil {
		return err
	}
	data := sourcePage{sourceRow: c.sourceRow(all[i]), Config: c.Config().Sources[name], Events: last.Events, Known: c.GatewayURL != ""}
	if data.Config != nil {
		if preset, ok := provider.Lookup(data.Config.Provider); ok {
			g := guide.New(preset, name, c.gateway())
			data.Guide = &g
		}
	}
	return c.render(w, r, v, rendering{page: "source", title: name, place: "sources", data: data})
}

// gateway is the address that senders see.
func (c *Console) gateway() string { return cmp.Or(c.GatewayURL, guide.Placeholder) }

// providersPage lists the presets to add a source of.
type providersPage struct {
	Find  string
	Found []*provider.Preset
	Total int
	Near  []string
}

// showProviders answers GET /add.
func (c *Console) showProviders(w http.ResponseWriter, r *http.Request, v *visitor) error {
	all := provider.All()
	data := providersPage{Find: strings.TrimSpace(r.URL.Query().Get("find")), Total: len(all)}
	words := strings.Fields(strings.ToLower(data.Find))
	for _, p := range all {
		text := strings.ToLower(p.ID + " " + p.Name + " " + p.Category)
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) }) {
			data.Found = append(data.Found, p)
		}
	}
	if len(data.Found) == 0 {
		data.Near = provider.Suggest(data.Find)
	}
	slices.SortFunc(data.Found, func(a, b *provider.Preset) int {
		return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return c.render(w, r, v, rendering{page: "providers", title: "Add a source", place: "sources", data: data})
}

// sourceName is what a source may be called.
var sourceName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// showProvider answers GET /add/{id}.
func (c *Console) showProvider(w http.ResponseWriter, r *http.Request, v *visitor) error {
	preset, ok := provider.Lookup(r.PathValue("id"))
	if !ok {
		return errNotFound
	}
	name := r.URL.Query().Get("name")
	if !sourceName.MatchString(name) {
		name = ""
	}
	data := struct {
		guide.Guide

		Known bool // whether the gateway's address is known
		Taken bool // whether there is a source of this name
	}{Guide: guide.New(preset, name, c.gateway()), Known: c.GatewayURL != ""}
	data.Taken = c.Config().Sources[data.Source] != nil
	return c.render(w, r, v, rendering{page: "provider", title: "Add " + preset.Name, place: "sources", data: data})
}
