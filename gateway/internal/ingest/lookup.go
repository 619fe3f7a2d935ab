package ingest

import "context"

// unknownSource stands for the source in metrics and logs when there is none:
// no configured source can have this name.
const unknownSource = "_unknown"

// lookup finds the source.
type lookup struct{ table *Table }

func (l lookup) Do(_ context.Context, r *Request) error {
	source, known := l.table.Sources()[r.Name]
	if !known {
		return refuse(KindUnknownSource)
	}
	r.source = source
	return nil
}
