// Package payload makes a body that a stranger sent readable: as text, never as HTML.
//
//	view := payload.Show(body, "application/json", "gzip", payload.Pretty)
//	for _, piece := range view.Pieces { … }
//
// A [View] is a list of pieces of text with the kind of each, which a template writes
// out, escaping all of it. What is too large is cut, and says so.
package payload
