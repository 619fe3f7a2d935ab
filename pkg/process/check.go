package process

import (
	"errors"
	"fmt"
	"io"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/settings"
)

// Check loads the settings S and the configuration file as [Serve] does, and starts
// nothing. It returns everything that is wrong with both, as [Misused]. Secrets and the files
// of settings are not looked at: a configuration is checked before it is installed, where they
// are out of reach.
//
// Settings that have a method Fits say with it whether a configuration can be served with
// them.
func Check[S any, P Settings[S]](env config.Lookup, stdout io.Writer) error {
	var s S
	wrong := settings.LoadWithoutSecrets(&s)
	c, err := config.Load(P(&s).ConfigFile(), env, config.NoSecrets)
	if v, ok := any(P(&s)).(interface{ Fits(c *config.Config) error }); ok && wrong == nil && err == nil {
		err = v.Fits(c)
	}
	if err := errors.Join(wrong, err); err != nil {
		return Misused(err)
	}
	_, err = fmt.Fprintln(stdout, "the settings and the configuration are valid")
	return err
}
