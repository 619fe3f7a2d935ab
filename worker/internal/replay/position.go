package replay

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/penstock/penstock/worker/internal/store"
)

// position is how far a job has come. Its JSON is kept in the store.
type position struct {
	Swept []string `json:"swept,omitempty"` // the routes whose dead letters were gone through
	After string   `json:"after,omitempty"` // the cursor behind the last page of the archive
	IDs   int      `json:"ids,omitempty"`   // of the filter's ids: how many were looked at
	Ended bool     `json:"ended,omitempty"` // there is no further page
	Goals []goal   `json:"goals,omitempty"` // of the page that is being replayed
}

// goal is an event of the archive, and where it is to go. It is noted before anything is
// done: once its record says that it is replayed, the filter may not find it any more.
type goal struct {
	ID     string   `json:"id"`
	Offset int64    `json:"offset"`
	Routes []string `json:"routes"`

	// Of a job about events that wait: the round of each route, and what records say of the event.
	Rounds []string `json:"rounds,omitempty"`
	Source string   `json:"source,omitempty"`
	Type   string   `json:"type,omitempty"`
}

func parsePosition(text string) (position, error) {
	var p position
	if text == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, because(store.UnknownPosition, fmt.Errorf("read how far the job has come: %w", err))
	}
	return p, nil
}

func (p position) String() string {
	text, err := json.Marshal(p)
	if err != nil {
		return "" // plain fields: it does not happen
	}
	return string(text)
}

func (p position) swept(route string) bool { return slices.Contains(p.Swept, route) }

func (p position) cursor() (store.Cursor, error) { return store.ParseCursor(p.After) }
