// Package tail tells what is new in a list of events that is seen again and again, as
// the tracker's live list is.
//
//	t := tail.New(true)
//	for page := range pages {
//		changes, missed := t.See(page)
//		…
//	}
//
// The list shows the newest events alone. When more of them came between two pages
// than a page holds, those in between are not seen; See says that it may be so.
package tail
