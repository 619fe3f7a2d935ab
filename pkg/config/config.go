package config

import "time"

// Config is the configuration file, checked and with every default filled in.
// It is not changed after it was loaded, so it can be shared between goroutines.
type Config struct {
	// Who sends webhooks. Each source receives at /in/{its name}.
	Sources map[string]*Source `yaml:"sources"`
	// Where events go.
	Destinations map[string]*Destination `yaml:"destinations"`
	// Which events go where.
	Routes map[string]*Route `yaml:"routes"`
	// Who is notified of incidents. Only the tracker needs its secrets.
	Notifications Notifications `yaml:"notifications"`
	// Accounts at providers, by whose APIs the tracker finds what they could not deliver.
	Accounts map[string]*Account `yaml:"accounts"`
	// Publishes every event to the exchange penstock.events too, under the key "<source>.<type>", for
	// queues that you bind to it. Set it only when no gateway before version 1 runs any more.
	Exchange bool `yaml:"exchange"`
	// What is allowed but worth a second look, such as an open source. Not part of the file.
	Warnings []Problem `yaml:"-"`
	// When the file was read. Zero: it was not a file. Not part of the file.
	Read time.Time `yaml:"-"`

	read files // for Watch
}

// Quarantines reports whether a source keeps the requests that fail verification.
func (c *Config) Quarantines() bool {
	for _, s := range c.Sources {
		if s.Quarantine {
			return true
		}
	}
	return false
}
