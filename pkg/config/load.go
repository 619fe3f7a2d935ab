package config

import (
	"reflect"
	"time"

	"github.com/penstock/penstock/pkg/config/internal/strict"
)

// Lookup finds an environment variable, as os.LookupEnv does.
type Lookup = func(name string) (value string, found bool)

// Part is a part of the file that has secrets of its own.
type Part string

// The parts. A gateway needs no secret of a destination, and a deliverer none of
// a source, and only a tracker those of an account, so none needs to be given the others.
const (
	Sources      Part = "sources"
	Destinations Part = "destinations"
	// Notified is the part that only a tracker needs.
	Notified Part = "notifications"
	// Accounts is another part that only a tracker needs.
	Accounts  Part = "accounts"
	NoSecrets Part = "none" // no part at all: for looking at a file without its secrets
)

// maxFile is how many bytes a configuration file may have.
const maxFile = 4 << 20

// Load reads and checks a configuration file. The error is an *Error with every
// problem of the file.
//
// With parts, only their secrets are resolved and checked. Those of other parts
// stay empty, and neither their environment variables nor their files need to
// exist. Without parts, all secrets are resolved.
func Load(path string, lookup Lookup, parts ...Part) (*Config, error) {
	return load(path, lookup, parts, files{})
}

// load notes in read what the configuration was made of, even when it fails.
func load(path string, lookup Lookup, parts []Part, read files) (*Config, error) {
	now := time.Now()
	data, err := read.file(path, maxFile)
	if err != nil {
		return nil, &Error{Problems: []Problem{{File: path, Text: err.Error()}}}
	}
	cfg, err := parse(path, data, &resolver{lookup: lookup, parts: parts, files: read})
	if err != nil {
		return nil, err
	}
	cfg.Read, cfg.read = now, read
	return cfg, nil
}

// Parse is Load for a file whose content is at hand. The name stands for it in
// problems.
func Parse(name string, data []byte, lookup Lookup, parts ...Part) (*Config, error) {
	return parse(name, data, &resolver{lookup: lookup, parts: parts, files: files{}})
}

func parse(name string, data []byte, secrets *resolver) (*Config, error) {
	cfg, err := decode(name, data, secrets)
	if err != nil || !secrets.has(Destinations) || secrets.has(Sources) {
		return cfg, err
	}
	// What a destination is sent of a source is known only when all is read.
	if secrets.also = cfg.forwards(); len(secrets.also) == 0 {
		return cfg, nil
	}
	return decode(name, data, secrets)
}

func decode(name string, data []byte, secrets *resolver) (*Config, error) {
	cfg := &Config{}
	doc := strict.Decode(data, cfg, strict.Options{
		Starts: map[reflect.Type]any{
			reflect.TypeFor[Source]():      defaultSource(),
			reflect.TypeFor[Respond]():     defaultRespond(),
			reflect.TypeFor[Destination](): defaultDestination(),
			reflect.TypeFor[Route]():       defaultRoute(),
			reflect.TypeFor[Ordering]():    defaultOrdering(),
			reflect.TypeFor[Account]():     defaultAccount(),
			reflect.TypeFor[Request]():     defaultRequest(),
			reflect.TypeFor[Batch]():       defaultBatch(),
			reflect.TypeFor[Channel]():     defaultChannel(),
			reflect.TypeFor[Email]():       defaultEmail(),
		},
		Texts: map[reflect.Type]func(path, text string) (any, error){
			reflect.TypeFor[Secret]():        secrets.resolve,
			reflect.TypeFor[time.Duration](): readStdDuration,
		},
	})
	c := &checker{Document: doc, cfg: cfg, file: name, secrets: secrets}
	if doc.Has("") {
		c.check()
	}
	if len(doc.Problems) > 0 {
		doc.Sort()
		return nil, &Error{Problems: c.located(doc.Problems)}
	}
	cfg.Warnings = c.warnings()
	return cfg, nil
}

// readStdDuration reads a duration of a type that another package declares.
func readStdDuration(_, text string) (any, error) {
	d, err := ParseDuration(text)
	return time.Duration(d), err
}
