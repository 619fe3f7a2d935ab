package api

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/penstock/penstock/worker/internal/store"
)

// The bounds of a filter.
const (
	maxText = 255 // bytes
	maxIDs  = 1000
)

// storeFilter makes a filter of what was sent, and refuses what cannot be meant.
func storeFilter(f *Filter) (store.Filter, error) {
	out := store.Filter{
		IDs: value(f.Ids), Source: value(f.Source), Type: value(f.Type), Route: value(f.Route), State: store.State(value(f.State)),
		Reason: value(f.Reason), HTTPStatus: value(f.HttpStatus), Error: value(f.Error), ProviderID: value(f.ProviderId), Incident: value(f.Incident),
		From: value(f.From), To: value(f.To),
	}
	if len(out.IDs) > maxIDs {
		return out, invalid(fmt.Sprintf("filter.ids: more than %d", maxIDs))
	}
	if slices.Contains(out.IDs, "") {
		return out, invalid("filter.ids: one is empty")
	}
	if f.State != nil && !out.State.Known() {
		return out, invalid(fmt.Sprintf("filter.state: %q is not one of the states", *f.State))
	}
	if !out.From.IsZero() && !out.To.IsZero() && !out.From.Before(out.To) {
		return out, invalid("filter.to: not after filter.from")
	}
	for _, text := range append(out.IDs, out.Source, out.Type, out.Route, out.Reason, out.Error, out.ProviderID, out.Incident) {
		if err := plain(text); err != nil {
			return out, err
		}
	}
	return out, nil
}

// plain refuses a text that no event has, and that no database takes.
func plain(text string) error {
	switch {
	case len(text) > maxText:
		return invalid(fmt.Sprintf("A text has more than %d bytes.", maxText))
	case !utf8.ValidString(text), strings.ContainsRune(text, 0):
		return invalid("A text is not UTF-8, or has a zero byte in it.")
	}
	return nil
}

func filterOf(f *store.Filter) Filter {
	out := Filter{
		Source: given(f.Source), Type: given(f.Type), Route: given(f.Route), State: given(State(f.State)),
		Reason: given(f.Reason), HttpStatus: given(f.HTTPStatus), Error: given(f.Error), ProviderId: given(f.ProviderID), Incident: given(f.Incident),
		From: at(f.From), To: at(f.To),
	}
	if len(f.IDs) > 0 {
		out.Ids = &f.IDs
	}
	return out
}
