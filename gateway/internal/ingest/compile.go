package ingest

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"github.com/penstock/penstock/pkg/auth"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provider"
)

// Compile makes the sources of a configuration. A source whose rate is the same
// in previous keeps its limiter, so that a reload grants no new burst. The error
// joins the problems of all sources; a configuration that config.Load accepted
// has none.
func Compile(ctx context.Context, c *config.Config, keys *auth.KeySets, previous Sources) (Sources, error) {
	sources := make(Sources, len(c.Sources))
	var errs []error
	for name, settings := range c.Sources {
		source, err := compile(ctx, settings, keys)
		if err != nil {
			errs = append(errs, fmt.Errorf("source %s: %w", name, err))
			continue
		}
		source.limit(settings.RateLimit, previous[name])
		sources[name] = source
	}
	return sources, errors.Join(errs...)
}

func compile(ctx context.Context, c *config.Source, keys *auth.KeySets) (*Source, error) {
	networks, err := auth.ParseCIDRs(c.AllowCIDRs)
	if err != nil {
		return nil, fmt.Errorf("allowed networks: %w", err)
	}
	s := &Source{
		name:     c.Name,
		networks: networks,
		maxBody:  int64(c.BodyLimit()),
		labels:   newLabels(c.Name),
		timing:   c.ServerTiming,
		trusted:  c.TrustTraceparent,
		spools:   c.OnBrokerOutage == config.Spool,

		quarantines: c.Quarantine,
		answer:      answerOf(c.Respond),

		told: rate.Sometimes{Interval: time.Minute},
	}
	if err := s.takeContentTypes(c.ContentTypes); err != nil {
		return nil, err
	}
	if err := s.verifyWith(c); err != nil {
		return nil, fmt.Errorf("verification: %w", err)
	}
	s.window, s.memory = s.windowOf(c.Dedup.Window), s.memoryOf()
	s.slow = s.slow || slices.ContainsFunc(c.Auth, func(m auth.Method) bool { return m.BearerJWT != nil })
	s.credentials, s.judged = c.Stripped(), c.StrippedUnverified()
	return s, s.authenticateWith(ctx, c, keys)
}

// memoryOf returns how long the ids of the source's events are remembered.
func (s *Source) memoryOf() time.Duration {
	if s.provider == nil {
		return 0
	}
	return s.provider.Memory()
}

// windowOf returns how long the source's events make repetitions duplicates: as the file
// says, or else as the provider needs it.
func (s *Source) windowOf(said config.Window) time.Duration {
	switch {
	case said != 0:
		return max(0, time.Duration(said))
	case s.provider != nil:
		return s.provider.Window()
	default:
		return 0
	}
}

func (s *Source) takeContentTypes(list []string) error {
	for _, text := range list {
		media, _, err := mime.ParseMediaType(text)
		if err != nil {
			return fmt.Errorf("content type %q: %w", text, err)
		}
		s.contentTypes = append(s.contentTypes, media)
	}
	return nil
}

// verifyWith compiles the provider's preset or the source's own scheme.
func (s *Source) verifyWith(c *config.Source) (err error) {
	s.methods, s.eventMethods = []string{http.MethodPost}, []string{http.MethodPost}
	if s.provider, err = c.Compile(); err != nil || s.provider == nil {
		return err
	}
	if c.Scheme != nil {
		s.slow = c.Scheme.UsesPublicKeys()
	}
	if preset, ok := provider.Lookup(c.Provider); ok {
		s.slow = preset.Scheme.UsesPublicKeys()
		s.eventMethods = append(s.eventMethods, preset.Methods...)
	}
	s.methods, s.deadline = s.provider.Methods(), s.provider.Deadline()
	return nil
}

// authenticateWith compiles the list of authentication methods.
func (s *Source) authenticateWith(ctx context.Context, c *config.Source, keys *auth.KeySets) error {
	if len(c.Auth) == 0 {
		return nil
	}
	chain, err := auth.New(ctx, c.Auth, auth.Options{KeySets: keys})
	if err != nil {
		return fmt.Errorf("authentication: %w", err)
	}
	s.auth = chain
	return nil
}

// limit gives the source a limiter whose burst is what the rate allows in its
// unit of time: 100/s lets 100 requests come at once. A reload grants no new burst
// of unsigned questions either.
func (s *Source) limit(r *config.Rate, previous *Source) {
	s.unsigned = newUnsignedLimiter()
	if previous != nil {
		s.unsigned = previous.unsigned
	}
	switch {
	case r == nil:
	case previous != nil && previous.limiter != nil && previous.rate == *r:
		s.rate, s.limiter = *r, previous.limiter
	default:
		s.rate, s.limiter = *r, rate.NewLimiter(rate.Limit(r.PerSecond()), r.Count)
	}
}
