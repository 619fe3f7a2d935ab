package console

import (
	"net/http"

	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/store"
)

// ledgerPage says whether everything is accounted for.
type ledgerPage struct {
	api.Ledger

	Missing api.MissingPage
	Gaps    []store.Gap
	More    bool // this is not the first page of what is missing
}

// showLedger answers GET /ledger.
func (c *Console) showLedger(w http.ResponseWriter, r *http.Request, v *visitor) error {
	ctx, cursor := r.Context(), r.URL.Query().Get("cursor")
	var data ledgerPage
	var err error
	if data.Ledger, err = c.Operations.Ledger(ctx); err != nil {
		return err
	}
	if data.Missing, err = c.Operations.Missing(ctx, cursor, pageSize); err != nil {
		return err
	}
	if data.Gaps, err = c.Operations.Gaps(ctx); err != nil {
		return err
	}
	data.More = cursor != ""
	return c.render(w, r, v, rendering{page: "ledger", title: "Ledger", place: "ledger", data: data})
}

// showAudit answers GET /audit.
func (c *Console) showAudit(w http.ResponseWriter, r *http.Request, v *visitor) error {
	entries, err := c.Operations.Audit(r.Context(), r.URL.Query().Get("cursor"), pageSize)
	if err != nil {
		return err
	}
	return c.render(w, r, v, rendering{page: "audit", title: "Audit", place: "audit", data: entries})
}
