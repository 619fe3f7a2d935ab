package account

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
)

//go:embed facts
var files embed.FS

// Facts are what is known of a provider's API. They are not changed after they were loaded.
type Facts struct {
	ID       string `yaml:"-"`        // the name of the file
	Name     string `yaml:"name"`     // for people
	Preset   string `yaml:"preset"`   // that the source of an account has
	API      string `yaml:"api"`      // where the API is, unless the account says so
	Lists    string `yaml:"lists"`    // which events the API lists, for people
	Manage   string `yaml:"manage"`   // where a person changes the subscription, for people
	ReadWith string `yaml:"readWith"` // the right that reading needs, for people
	AskWith  string `yaml:"askWith"`  // the right that asking for a redelivery needs, for people

	Window  time.Duration `yaml:"window"`  // how far back the API lists
	Wait    time.Duration `yaml:"wait"`    // how old an event is before it counts as missing
	Arrive  time.Duration `yaml:"arrive"`  // how long a redelivery that was asked for may take
	Overlap time.Duration `yaml:"overlap"` // how much of what was listed is listed again
	Retries time.Duration `yaml:"retries"` // for how long the provider itself tries again; zero: it does not

	Redelivers bool `yaml:"redelivers"` // the API takes a request to deliver an event again
	Fetches    bool `yaml:"fetches"`    // the API gives an event as it would be delivered
	Scans      bool `yaml:"scans"`      // its list begins with the newest event, whatever time is asked for
	Carries    bool `yaml:"carries"`    // its list has the whole events
	Repeats    bool `yaml:"repeats"`    // its list has a redelivery as one more event of that id, without a mark
	Pends      bool `yaml:"pends"`      // it redelivers nothing that it still tries by itself
	Asks       Pace `yaml:"asks"`       // how many redeliveries it takes; zero: as many as requests

	Settings    map[string]Setting `yaml:"settings"`    // that an account may have
	Credentials map[string]Setting `yaml:"credentials"` // likewise
	Alternative [][]string         `yaml:"alternative"` // the settings and credentials of which an account has one set, whole
	Quota       Quota              `yaml:"quota"`
	Sources     []Source           `yaml:"sources"`
}

// Pace is so many in a time.
type Pace struct {
	Most int           `yaml:"most"`
	In   time.Duration `yaml:"in"`
}

// Setting is a value that an account may have.
type Setting struct {
	About   string `yaml:"about"`
	Pattern string `yaml:"pattern"` // a regular expression that the whole value matches; empty: any value
}

// Quota names the header fields of an answer that say how many requests are left. Empty: the
// API has none.
type Quota struct {
	Limit     string `yaml:"limit"`
	Remaining string `yaml:"remaining"`
	Reset     string `yaml:"reset"` // in seconds since the epoch
}

// Source says where a fact is from.
type Source struct {
	Fact string `yaml:"fact"`
	From string `yaml:"from"`
}

var load = sync.OnceValues(func() (map[string]*Facts, error) {
	all := map[string]*Facts{}
	names, err := fs.Glob(files, "facts/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the facts of providers: %w", err)
	}
	for _, name := range names {
		one, err := read(name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		all[one.ID] = one
	}
	return all, nil
})

func read(name string) (*Facts, error) {
	data, err := files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	one := &Facts{ID: strings.TrimSuffix(strings.TrimPrefix(name, "facts/"), ".yaml")}
	return one, yaml.UnmarshalWithOptions(data, one, yaml.Strict())
}

// Lookup returns the facts of a provider, and whether there are any.
func Lookup(provider string) (*Facts, bool) {
	all, err := load()
	if err != nil {
		panic(err) // the files are part of the program, and a test reads them
	}
	one, known := all[provider]
	return one, known
}

// Providers returns the names by which Lookup finds facts, in their order.
func Providers() []string {
	all, err := load()
	if err != nil {
		panic(err)
	}
	return slices.Sorted(maps.Keys(all))
}
