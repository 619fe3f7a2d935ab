package reconcile

import (
	"encoding/json"
	"time"

	"github.com/penstock/penstock/worker/internal/adapter"
	"github.com/penstock/penstock/worker/internal/store"
)

// How many redeliveries are asked for at first before one of them has arrived, and at most.
const (
	fewAsks  = 10
	mostAsks = 100
)

// position is how far a worker has come. The times of the list are by the provider's clock,
// the others by ours.
type position struct {
	Listed  time.Time     `json:"listed,omitzero"` // everything sent before was listed
	Until   time.Time     `json:"until,omitzero"`  // of the list in work; zero: none is
	From    time.Time     `json:"from,omitzero"`   // likewise
	Cursor  string        `json:"cursor,omitempty"`
	NextAt  time.Time     `json:"nextAt,omitzero"`  // of the next list
	CheckAt time.Time     `json:"checkAt,omitzero"` // of the next look at the subscription
	Skew    time.Duration `json:"skew,omitempty"`   // of the provider's clock: ahead of ours
	HoldTo  time.Time     `json:"holdTo,omitzero"`  // ask the provider nothing until then
	Fails   int           `json:"fails,omitempty"`  // in a row
	Asks    int           `json:"asks,omitempty"`   // how many redeliveries to ask for before one of them has arrived
	NoAsk   bool          `json:"noAsk,omitempty"`  // the credentials may not ask, as they were last seen

	ArrivedAt time.Time `json:"arrivedAt,omitzero"` // when something arrived last that was asked for
	PacedAt   time.Time `json:"pacedAt,omitzero"`   // when the provider's pace was counted from last
	Paced     int       `json:"paced,omitempty"`    // how many redeliveries were asked for since
	Relists   bool      `json:"relists,omitempty"`  // the list in work is about what is missing, to fetch it
	RelistAt  time.Time `json:"relistAt,omitzero"`  // when such a one began last
}

func parsePosition(text string) (position, error) {
	p := position{Asks: fewAsks}
	if text == "" {
		return p, nil
	}
	err := json.Unmarshal([]byte(text), &p)
	return p, err
}

func (p *position) text() string {
	text, err := json.Marshal(p)
	if err != nil {
		return "" // plain fields: it does not happen
	}
	return string(text)
}

// carried are the events of a page that are missing, as the provider would deliver them. They
// are kept from when the page was read until all are published, so that no page is asked for
// twice.
type carried map[string]adapter.Delivery

func parseCarried(page []byte) (carried, error) {
	c := carried{}
	if len(page) == 0 {
		return c, nil
	}
	err := json.Unmarshal(page, &c)
	return c, err
}

func (c carried) text() []byte {
	if len(c) == 0 {
		return nil
	}
	text, err := json.Marshal(c)
	if err != nil {
		return nil // as above
	}
	return text
}

// Report is what an account's last look at its provider found. Its JSON is kept in the store.
type Report struct {
	Subscription *adapter.Subscription `json:"subscription,omitempty"`
	Rights       []string              `json:"rights,omitempty"`
	MayAsk       *bool                 `json:"mayAsk,omitempty"`     // nil: not known
	SecretSince  time.Time             `json:"secretSince,omitzero"` // the subscription's secret is as old as that at least; zero: not known
	Findings     []Finding             `json:"findings,omitempty"`
	Calls        int64                 `json:"calls"` // to the API, since the tracker began
	Limit        int64                 `json:"limit,omitempty"`
	Remaining    int64                 `json:"remaining,omitempty"`
	ResetAt      time.Time             `json:"resetAt,omitzero"`
}

// ReportOf reads the report of an account; empty when there is none.
func ReportOf(a *store.Account) Report {
	var r Report
	if json.Unmarshal([]byte(a.Report), &r) != nil {
		return Report{}
	}
	return r
}
