package store

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
		all = append(all, condition{"substr(e.type, 1, length(CAST(? AS text))) = ?", []any{prefix, prefix}}) // the database counts: it may know bytes alone
	} else if !ok && q.Type != "" && by != byType {
		all = append(all, condition{"e.type = ?", []any{q.Type}})
	}
	if q.State == Unrouted && by != byUnrouted {
		all = append(all, condition{"e.routed = 0", nil})
	}
	if c, ok := q.ofDelivery(by); ok {
		all = append(all, c)
	}
	return all
}

// ofDelivery is the condition that one of the event's deliveries has to meet, unless the
// walk ensures all of it.
func (q *Query) ofDelivery(by index) (condition, bool) {
	c := condition{text: "EXISTS (SELECT 1 FROM deliveries d WHERE d.seq = e.seq"}
	state := string(q.State)
	if q.State == Unrouted {
		state = "" // of the event
	}
	for _, part := range []struct{ column, value string }{{"route", q.Route}, {"state", state}, {"reason", q.Reason}, {"incident", q.Incident}} {
		if part.value != "" {
			c.text += " AND d." + part.column + " = ?"
			c.args = append(c.args, part.value)
		}
	}
	if q.HTTPStatus != 0 {
		c.text, c.args = c.text+" AND d.http_status = ?", append(c.args, q.HTTPStatus)
	}
	if q.Error != "" {
		c.text, c.args = c.text+" AND replace(d.error, ?, '') <> d.error", append(c.args, q.Error)
	}
	c.text += ")"
	ensured := q.Reason+q.Incident+q.Error == "" && q.HTTPStatus == 0 && (by == byRoute || by == byState)
	return c, len(c.args) > 0 && !ensured
}
