package command

// pageSize is how many entries are asked for at a time.
const pageSize = 200

// page is one answer of a list: its entries, and where it goes on.
type page[T any] func(cursor *string, size int) (entries []T, next *string, err error)

// collect reads pages until it has so many entries, or all of them. More says that
// there are others.
func collect[T any](limit int, read page[T]) (all []T, more bool, err error) {
	all = []T{}
	var cursor *string
	for len(all) < limit {
		entries, next, err := read(cursor, min(pageSize, limit-len(all)))
		if err != nil {
			return nil, false, err
		}
		all = append(all, entries...)
		if next == nil {
			return all, false, nil
		}
		cursor = next
	}
	return all, true, nil
}

// tellMore says, where people read, that a list goes on.
func tellMore(s Streams, f format, shown int, more bool) {
	if more && f.isTable() {
		tellf(s.Err, "the newest %d; --limit shows more", shown)
	}
}
