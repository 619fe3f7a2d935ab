package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/config"
)

// noPart is a part that no file has: the secrets of none are resolved.
const noPart config.Part = "none"

func (i *Installation) configuration(context.Context) []Finding {
	c, err := config.Load(i.ConfigFile, i.Env)
	if err == nil {
		return append([]Finding{ok(fmt.Sprintf("%s is valid: %s, %s, %s", i.ConfigFile, terminal.Plural(len(c.Sources), "source"),
			terminal.Plural(len(c.Destinations), "destination"), terminal.Plural(len(c.Routes), "route")))}, warnings(c)...)
	}
	if _, missing := os.Stat(i.ConfigFile); errors.Is(missing, os.ErrNotExist) {
		return []Finding{failure("there is no file "+i.ConfigFile, "Name it, or set PENSTOCK_CONFIG; 'penstock config example' prints one to start from.")}
	}
	c, without := config.Load(i.ConfigFile, i.Env, noPart)
	if without != nil {
		return problems(without, "See 'penstock config check'; the processes keep the last valid one, and do not start without.")
	}
	found := problems(err, "Set it here as the processes have it, to check secrets too.")
	for n := range found {
		found[n].Status = Warning
	}
	return append(found, warnings(c)...)
}

// problems makes a finding of each problem of a configuration.
func problems(err error, remedy string) []Finding {
	refused, isRefused := errors.AsType[*config.Error](err)
	if !isRefused {
		return []Finding{failure(text(err), "Make the file readable for this user.")}
	}
	var found []Finding
	for _, p := range refused.Problems {
		found = append(found, failure(p.String(), remedy))
	}
	return found
}

func warnings(c *config.Config) []Finding {
	var found []Finding
	for _, p := range c.Warnings {
		found = append(found, warning(p.String(), "Change it, unless it is meant so."))
	}
	return found
}
