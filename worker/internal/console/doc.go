// Package console is what people look at: pages about what came in, what became of it,
// and what can be done. The tracker serves it beside the API, from the same listener.
//
//	c, err := console.New(ctx, console.Options{Store: s, Archive: archive, Tokens: guard, …})
//	mux.Handle("/console/", c)
//
// # How it is made
//
// Pages are rendered here, with html/template, and work without JavaScript: every list
// is a link, and every change a form. The scripts under assets, modules of our own that
// depend on nothing, add what makes them pleasant: pages that keep up to date, shortcuts,
// copying. Everything is embedded; nothing is fetched from elsewhere.
//
// A page that keeps up to date marks its parts with data-live. While somebody looks at
// it, the script fetches the page again every two seconds, and puts those parts that
// have changed in the place of the old ones. So a page has one way to be rendered,
// whoever asks.
//
// # Who may look
//
// Somebody signs in with a token of the API, or with OpenID Connect where that is set
// up. The browser then holds a random secret, of which the store keeps the hash: never
// the token. A session ends by signing out, after twelve hours, and as soon as its token
// is taken out of the tokens file.
//
// # What is hostile
//
// Payloads, header fields, types and ids were written by strangers. They are text, and
// html/template escapes them; nothing here makes HTML of a string. The policy of each
// page (Content-Security-Policy) allows our own scripts and styles and nothing inline.
// A request that changes something must come from a page of the same origin.
package console
