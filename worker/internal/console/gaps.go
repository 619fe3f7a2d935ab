package console

import (
	"net/http"
	"slices"

	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/store"
)

// gapsPage says what providers could not deliver, and what became of it.
type gapsPage struct {
	Accounts []api.Account
	Account  string // whose events are shown; empty: the page has none
	Events   []api.Sent
	More     bool // there are older ones
}

// showGaps answers GET /gaps. The events are those of the account that the query names, or of
// the first.
func (c *Console) showGaps(w http.ResponseWriter, r *http.Request, v *visitor) error {
	var data gapsPage
	var err error
	if data.Accounts, err = c.Operations.Accounts(r.Context()); err != nil {
		return err
	}
	data.Account = r.URL.Query().Get("account")
	if !slices.ContainsFunc(data.Accounts, func(a api.Account) bool { return a.Name == data.Account }) {
		data.Account = ""
		if len(data.Accounts) > 0 {
			data.Account = data.Accounts[0].Name
		}
	}
	if data.Account != "" {
		unlike := func(s store.SentState) bool { return s == store.SentAccepted || s == store.SentUnwanted }
		data.Events, err = c.Operations.Sent(r.Context(), store.SentQuery{
			Account: data.Account, States: slices.DeleteFunc(store.SentStates(), unlike), Limit: pageSize + 1,
		})
		if err != nil {
			return err
		}
	}
	if data.More = len(data.Events) > pageSize; data.More {
		data.Events = data.Events[:pageSize]
	}
	return c.render(w, r, v, rendering{page: "gaps", title: "Gaps", place: "gaps", data: data})
}

// recoverGaps answers POST /gaps/{name}/recover.
func (c *Console) recoverGaps(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if _, err := c.Operations.Recover(r.Context(), v.Name, r.PathValue("name")); err != nil {
		return err
	}
	c.leave(w, r, Base+"/gaps", "recovering")
	return nil
}
