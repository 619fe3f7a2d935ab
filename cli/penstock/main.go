// Command penstock is ./cli under its own name, for "go install" and for releases, which
// name a program after its folder.
package main

import "github.com/penstock/penstock/cli/internal/command"

func main() { command.Main() }
