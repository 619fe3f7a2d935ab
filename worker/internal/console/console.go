package console

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/worker/internal/store"
)

// Base is the path under which all pages are.
const Base = "/console"

// answerTime bounds the work for one page.
const answerTime = 15 * time.Second

// Events are those that the tracker knows.
type Events interface {
	Events(ctx context.Context, q store.Query) (store.Page, error)
	Event(ctx context.Context, id string) (*store.Event, error)
	// Count returns how many events q finds, at most most, and whether those are all.
	Count(ctx context.Context, q store.Query, most int, patience time.Duration) (n int, complete bool, err error)
	History(ctx context.Context, e *store.Event) ([]store.Past, error)
}

// Sessions keep who has signed in, by the hash of what the browser holds.
type Sessions interface {
	AddSession(ctx context.Context, n store.Session) error
	Session(ctx context.Context, hash string) (store.Session, error)
	EndSession(ctx context.Context, hash string) error
}

// Archive holds the events themselves.
type Archive interface {
	// Event returns what lies at an offset of the archive, if it is the event with the id.
	Event(ctx context.Context, offset int64, id string) (*event.Event, error)
}

// Options are what a console works with. Archive, Quarantine and OIDC may be left out.
type Options struct {
	Events     Events
	Sessions   Sessions
	Tokens     Tokens
	Operations Operations
	Archive    Archive               // nil: there is none
	Quarantine Quarantine            // nil: the broker has no streams
	Config     func() *config.Config // the one in force
	URL        *url.URL              // where browsers see it; nil: as they ask
	GatewayURL string                // where senders see the gateway, without a slash at the end; may be empty
	OIDC       *OIDC                 // nil: people sign in with a token only
	Log        *zap.Logger
}

// Console serves the pages. It is safe for concurrent use.
type Console struct {
	Options

	pages    map[string]*template.Template
	assets   *assets
	handler  http.Handler
	identity *identity // of OIDC; nil without
	guesses  *guesses
	now      func() time.Time
}

// New makes a console. It fails when OIDC is given without a URL.
func New(o Options) (*Console, error) {
	c := &Console{Options: o, now: time.Now}
	var err error
	if c.guesses, err = newGuesses(); err != nil {
		return nil, fmt.Errorf("make the console: %w", err)
	}
	if c.assets, err = loadAssets(); err != nil {
		return nil, fmt.Errorf("load the console's assets: %w", err)
	}
	if c.pages, err = c.loadPages(); err != nil {
		return nil, fmt.Errorf("load the console's pages: %w", err)
	}
	if o.OIDC != nil {
		if o.URL == nil {
			return nil, errors.New("make the console: OpenID Connect needs the console's own address")
		}
		c.identity = newIdentity(*o.OIDC, strings.TrimSuffix(o.URL.String(), "/")+callbackPath)
	}
	if c.handler, err = c.routes(); err != nil {
		return nil, fmt.Errorf("make the console: %w", err)
	}
	return c, nil
}

// ServeHTTP answers a request below Base.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.handler.ServeHTTP(w, r) }
