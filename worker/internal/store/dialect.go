package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
)

// engine is what differs between the two databases. The statements are the same: both
// know upserts, and neither needs more.
type engine struct {
	write *sql.DB // of transactions that write
	read  *sql.DB
	bind  func(string) string // puts the placeholders right
	lock  func(context.Context) (*Lock, error)
}

// query is a statement in the making, with its arguments.
type query struct {
	text strings.Builder
	args []any
}

// add appends text, in which each ? stands for the next of args.
func (q *query) add(text string, args ...any) *query {
	q.text.WriteString(text)
	q.args = append(q.args, args...)
	return q
}

// in appends a list of placeholders in brackets.
func in[T any](q *query, values []T) *query {
	q.text.WriteString("(" + marks(len(values)) + ")")
	for _, v := range values {
		q.args = append(q.args, v)
	}
	return q
}

// marks returns n placeholders.
func marks(n int) string {
	return strings.TrimSuffix(strings.Repeat("?, ", n), ", ")
}

func asIs(text string) string { return text }

// numbered turns each ? into $1, $2 and so on. No statement here has a ? elsewhere.
func numbered(text string) string {
	var b strings.Builder
	b.Grow(len(text) + 64)
	n := 0
	for i := range len(text) {
		if text[i] != '?' {
			b.WriteByte(text[i])
			continue
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}
