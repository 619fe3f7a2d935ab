// Package terminal writes for people: text that cannot steer the terminal, colour
// where it is one, tables that fit, progress, and numbers that can be read.
//
//	style := terminal.StyleFor(out, env)
//	fmt.Fprintln(out, style.Good("VALID"), terminal.Safe(untrusted))
//	err := terminal.Table(out, style, [][]string{{"NAME", "SIZE"}, {"a", terminal.Size(2048)}}, nil)
//
// What arrives in a webhook is written by strangers. Escape sequences in it
// could retitle a window, move the cursor over earlier lines or worse, so
// everything of it passes through [Safe].
//
// What moves, such as the bar of a [Progress], is drawn on a terminal alone. In a
// file or a pipe the same command writes plain lines.
package terminal
