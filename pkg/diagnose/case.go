package diagnose

import (
	"context"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// Case is a request, and how it should be signed: as Preset says or, when that
// is nil, as Scheme does.
type Case struct {
	Preset  *provider.Preset
	Scheme  signature.Scheme
	Options provider.Options
	Request *signature.Request
	Host    string    // as the capture names it; may be empty
	Now     time.Time // when it arrived
}

// name is what the sender is called.
func (c Case) name() string {
	if c.Preset == nil {
		return "the scheme"
	}
	return c.Preset.Name
}

func (c Case) scheme() signature.Scheme {
	if c.Preset == nil {
		return c.Scheme
	}
	return c.Preset.Scheme
}

// with returns the case with another scheme.
func (c Case) with(s signature.Scheme) Case {
	if c.Preset != nil {
		preset := *c.Preset
		preset.Scheme = s
		c.Preset = &preset
	}
	c.Scheme = s
	return c
}

func (c Case) withBody(body []byte) Case {
	r := *c.Request
	r.Body = body
	c.Request = &r
	return c
}

func (c Case) withSecrets(secrets ...string) Case {
	c.Options.Secrets = secrets
	return c
}

func (c Case) withURL(address string) Case {
	c.Options.PublicURL = address
	return c
}

func (c Case) compile() (*provider.Source, error) {
	if c.Preset != nil {
		return provider.New(c.Preset, c.Options)
	}
	return provider.Custom(c.Scheme, c.Options)
}

// verify returns the result. A case that cannot be compiled is not authentic.
func (c Case) verify(ctx context.Context) signature.Result {
	source, err := c.compile()
	if err != nil {
		return signature.Result{Key: -1, Reason: signature.Mismatch}
	}
	return source.Verify(ctx, c.Request, c.Now)
}

// fits reports whether the signature is that of the case, however old it is.
func (c Case) fits(ctx context.Context) bool { return authentic(c.verify(ctx)) }

// authentic takes an accepted request without any signature as not authentic.
func authentic(r signature.Result) bool {
	return r.OK && r.Key >= 0 || slices.Contains([]signature.Reason{signature.Stale, signature.Expired}, r.Reason)
}
