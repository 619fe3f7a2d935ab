package settings

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"time"
)

// Process is what every process reads.
type Process struct {
	Config          string        `default:"/etc/penstock/penstock.yaml" desc:"the configuration file"`
	AdminListen     string        `split_words:"true" desc:"address of /healthz, /readyz and /metrics"`
	LogLevel        string        `split_words:"true" default:"info" desc:"debug, info, warn or error"`
	LogFormat       string        `split_words:"true" default:"json" desc:"json, or console for people"`
	DrainDelay      time.Duration `split_words:"true" default:"5s" desc:"after a stop signal, how long to go on serving while load balancers take notice"`
	ShutdownTimeout time.Duration `split_words:"true" default:"25s" desc:"how long running work may take to finish after the drain delay"`
	PProf           bool          `envconfig:"PPROF" default:"false" desc:"serve /debug/pprof on the admin address"`
}

// Validate checks what envconfig cannot. It joins all problems.
func (p *Process) Validate() error {
	return errors.Join(
		oneOf("PENSTOCK_LOG_LEVEL", p.LogLevel, "debug", "info", "warn", "error"),
		oneOf("PENSTOCK_LOG_FORMAT", p.LogFormat, "json", "console"),
		Address("PENSTOCK_ADMIN_LISTEN", p.AdminListen),
		notNegative("PENSTOCK_DRAIN_DELAY", p.DrainDelay),
		notNegative("PENSTOCK_SHUTDOWN_TIMEOUT", p.ShutdownTimeout),
	)
}

// Logging returns how the process logs.
func (p *Process) Logging() (level, format string) { return p.LogLevel, p.LogFormat }

// ConfigFile returns where the configuration file is.
func (p *Process) ConfigFile() string { return p.Config }

// Address checks that value is host:port, or nothing for the process's default.
func Address(name, value string) error {
	if value == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(value); err != nil {
		return fmt.Errorf("%s: %q is not an address such as :8443 or 127.0.0.1:8443", name, value)
	}
	return nil
}

func oneOf(name, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%s: %q is not one of %v", name, value, allowed)
}

func notNegative(name string, d time.Duration) error {
	if d >= 0 {
		return nil
	}
	return fmt.Errorf("%s: %v is negative", name, d)
}
