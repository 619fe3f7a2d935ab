package main

import (
	"os"
	"regexp"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// await waits until a file has a line that matches a pattern, and sets a
// variable to the pattern's first group:
//
//	await FILE PATTERN [VARIABLE]
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: await file pattern [variable]")
	}
	pattern, err := regexp.Compile(`(?m)` + args[1])
	ts.Check(err)
	found := poll(ts.MkAbs(args[0]), pattern)
	if found == nil {
		ts.Fatalf("%s never matched %s", args[0], args[1])
	}
	if len(args) > 2 {
		ts.Setenv(args[2], found[1])
	}
}

func poll(path string, pattern *regexp.Regexp) []string {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for {
		text, _ := os.ReadFile(path)
		if found := pattern.FindStringSubmatch(string(text)); found != nil {
			return found
		}
		select {
		case <-tick.C:
		case <-deadline:
			return nil
		}
	}
}
