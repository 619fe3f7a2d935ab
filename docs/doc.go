// Package docs holds the documentation and tests it: it has no code of its own.
//
// `go test ./docs` looks at every page without running anything: links and anchors lead
// somewhere, configuration is what the real loader takes, JSON parses, shell parses, Go
// and Python are excerpts of files that are compiled and run, and every setting, metric,
// make target, command and flag that a page names is there. `make test-docs` also runs
// the shell of the pages against a real installation, and compares what it prints.
//
// # How to write a snippet
//
//   - A block of sh is run. Variables that a later block needs are exported.
//
//   - A block of text right behind it is what it prints; "…" stands for anything.
//
//   - A block of console is a session to look at: it is not run, but its commands exist.
//
//   - A first line that is only a comment with a path says that the block is that file:
//     configuration is saved there, and Go and Python must be an excerpt of it.
//
//   - A comment before the block says what is special about it:
//
//     <!-- not run: why -->            what cannot run here; it is still parsed
//     <!-- not loaded: why -->         YAML of somebody else's
//     <!-- runs until: text -->        it goes on; the next block waits until it prints text
//     <!-- exits: 4 -->                it is expected to fail
//     <!-- eventually -->              it is repeated until it succeeds and prints what follows
package docs

//go:generate go test -run ^TestThePage -update .
