// Package browser tests the console as people use it: in a real browser, against a real
// tracker, deliverer and broker. `make test-console` installs what it needs and runs it.
//
// The Go side sets the stage (stage_test.go), fills the store (fill_test.go), and offers
// the few levers that a script needs, such as sending an event (levers_test.go). The
// scripts beside it drive headless Chromium with playwright-core. Each page is looked at
// wide and narrow, light and dark; checked with axe-core; and kept as a picture under
// docs/images. An error on the browser's console, or a breach of the pages' policy, fails
// the test wherever it happens.
package browser
