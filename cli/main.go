// Command penstock is for people: it signs, verifies, shows and receives
// webhooks. See penstock --help.
package main

import "github.com/penstock/penstock/cli/internal/command"

func main() { command.Main() }
