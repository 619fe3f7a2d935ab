// Package terminal writes for people: text that cannot steer the terminal,
// colour where it is one, and tables.
//
//	style := terminal.StyleFor(out, env)
//	fmt.Fprintln(out, style.Good("VALID"), terminal.Safe(untrusted))
//
// What arrives in a webhook is written by strangers. Escape sequences in it
// could retitle a window, move the cursor over earlier lines or worse, so
// everything of it passes through [Safe].
package terminal
