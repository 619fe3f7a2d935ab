// Package settings reads a process's settings from the environment, with the
// prefix PENSTOCK_, and reports everything that is wrong with them at once.
//
// A process composes its own settings with the shared ones:
//
//	type Settings struct {
//		settings.Process
//		settings.AMQP
//		PublishTimeout time.Duration `split_words:"true" default:"5s" desc:"the confirm deadline"`
//	}
//
//	var s Settings
//	if err := settings.Load(&s); err != nil { … exit 2 … }
//
// The tags are those of kelseyhightower/envconfig. A type with a Validate method
// is asked too, and so is each embedded part.
package settings
