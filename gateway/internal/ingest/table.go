package ingest

import "sync/atomic"

// Sources are the compiled sources of one configuration, by name. They are not
// changed after they were made.
type Sources map[string]*Source

// Spool reports whether a source keeps events on disk in an outage.
func (s Sources) Spool() bool {
	for _, source := range s {
		if source.spools {
			return true
		}
	}
	return false
}

// Table holds the sources that requests are looked up in. The zero value is
// empty. It is safe for concurrent use.
type Table struct{ current atomic.Pointer[Sources] }

// Replace makes s what later requests see. Requests under way keep the source
// that they found.
func (t *Table) Replace(s Sources) { t.current.Store(&s) }

// Sources returns what Replace stored last; nil before that.
func (t *Table) Sources() Sources {
	if s := t.current.Load(); s != nil {
		return *s
	}
	return nil
}

// Trusts reports whether the source exists and its senders' traces are the parents of
// ours.
func (t *Table) Trusts(source string) bool {
	s, known := t.Sources()[source]
	return known && s.trusted
}
