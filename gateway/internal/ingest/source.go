package ingest

import (
	"time"

	"golang.org/x/time/rate"

	"github.com/penstock/penstock/pkg/auth"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/credential"
	"github.com/penstock/penstock/pkg/provider"
)

// Source is one source of the configuration, compiled. It is not changed after
// it was made, but for its limiter, and is safe for concurrent use.
type Source struct {
	name         string
	methods      []string // that are taken at all
	networks     auth.Networks
	rate         config.Rate    // of limiter
	limiter      *rate.Limiter  // nil: no limit
	unsigned     *rate.Limiter  // of answers to unsigned questions, when there is no other limit
	told         rate.Sometimes // thins out the log lines of answers
	maxBody      int64          // bytes
	contentTypes []string       // in lower case, without parameters; empty: any
	auth         *auth.Chain
	provider     *provider.Source // nil: nothing is signed
	deadline     time.Duration    // the sender's own; zero: not known
	spools       bool             // keep events on disk while the broker takes none
	quarantines  bool             // keep requests that fail verification
	slow         bool             // verifying can take long: with public keys, which may have to be fetched
	eventMethods []string         // of methods: those that events come with; others are for handshakes
	window       time.Duration    // how long after its acceptance an event makes a repetition a duplicate; zero: it is not remembered
	memory       time.Duration    // how long its id is remembered

	answer      *answer           // of accepted events; nil: the provider's own, or 202
	credentials credential.Places // that do not travel with an event
	judged      credential.Places // that do not travel to the quarantine
	labels      *labels
	timing      bool // tell the sender how long the parts took
	trusted     bool // its trace is the parent of ours
}
