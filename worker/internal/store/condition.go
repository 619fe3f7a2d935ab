package store

import "unicode/utf8"

// condition is one that the walked index does not ensure.
type condition struct {
	text string
	args []any
}

func (q *Query) conditions() []condition {
	var all []condition
	by := q.by()
	if q.Source != "" && by != bySource {
		all = append(all, condition{"e.source = ?", []any{q.Source}})
	}
	if prefix, ok := q.prefix(); ok && prefix != "" {
		all = append(all, condition{"substr(e.type, 1, ?) = ?", []any{utf8.RuneCountInString(prefix), prefix}})
	} else if !ok && q.Type != "" && by != byType {
		all = append(all, condition{"e.type = ?", []any{q.Type}})
	}
	if by == byUnrouted && q.Route == "" || by == byRoute || by == byState {
		return all
	}
	if q.State == Unrouted {
		all = append(all, condition{"e.routed = 0", nil})
	}
	switch ofDelivery := q.State != "" && q.State != Unrouted; {
	case q.Route != "" && ofDelivery:
		all = append(all, condition{delivered + " AND d.route = ? AND d.state = ?)", []any{q.Route, string(q.State)}})
	case q.Route != "":
		all = append(all, condition{delivered + " AND d.route = ?)", []any{q.Route}})
	case ofDelivery:
		all = append(all, condition{delivered + " AND d.state = ?)", []any{string(q.State)}})
	}
	return all
}

const delivered = "EXISTS (SELECT 1 FROM deliveries d WHERE d.seq = e.seq"
