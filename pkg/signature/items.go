package signature

import "iter"

// Items yields the items of the list that is a member of the JSON object body, as they are written:
// parts of body. It yields none when there is no such list, or when there are two.
func Items(body []byte, list string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		tree := newPathTree()
		tree.add([]segment{{key: list, index: -1}})
		var spans [1]span
		var seen [1]bool
		scanJSON(body, &tree, spans[:], seen[:], nil)
		if at := spans[0]; at.state == found && body[at.start] == '[' {
			yieldItems(body[at.start:at.end], yield)
		}
	}
}

// yieldItems walks through a list that was read before.
func yieldItems(data []byte, yield func([]byte) bool) {
	s := scanner{data: data, pos: 1}
	for more := !s.next(']'); more; more = s.next(',') {
		s.space()
		start := s.pos
		if !s.value(0, 0, 0) || !yield(data[start:s.pos]) {
			return
		}
	}
}
