package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/penstock/penstock/cli/internal/terminal"
)

var errNotConfirmed = errors.New("not confirmed: nothing was done")

// confirm asks before something that is not easily undone. Where nobody can answer,
// only yes, the flag --yes, does it.
func confirm(ctx context.Context, s Streams, yes bool, what string) error {
	if yes {
		return nil
	}
	if !terminal.IsInput(s.In) {
		return usage("this would %s: --yes does it", what)
	}
	_, _ = fmt.Fprintf(s.Err, "%s%s? [y/N] ", strings.ToUpper(what[:1]), what[1:]) // unseen, it is not answered with yes
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(s.In).ReadString('\n') // the end of the input is no yes
		answer <- line
	}()
	select {
	case line := <-answer:
		if word := strings.ToLower(strings.TrimSpace(line)); word == "y" || word == "yes" {
			return nil
		}
		return coded{errNotConfirmed, Stopped}
	case <-ctx.Done():
		tellf(s.Err, "")
		return coded{errNotConfirmed, Stopped}
	}
}
