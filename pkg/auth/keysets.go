package auth

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"go.uber.org/zap"
)

// How key sets are fetched.
const (
	refreshEvery    = time.Hour        // a key set older than this is fetched again, in the background
	usableFor       = 24 * time.Hour   // a key set that could not be refreshed for this long is not used any more
	retryFetchEvery = 10 * time.Second // how often at most while there is no usable key set
	unknownKeyEvery = time.Minute      // how often at most because of a key that the set lacks
	fetchTimeout    = 5 * time.Second
	waitForKeys     = 3 * time.Second // how long a request waits for a fetch that it depends on
	maxKeySetBytes  = 1 << 20
)

// KeySetOptions configure KeySets. The zero value works.
type KeySetOptions struct {
	Transport http.RoundTripper // how to fetch; nil: http.DefaultTransport
	Log       *zap.Logger       // told of failed fetches; nil: nobody
	Now       func() time.Time  // the clock; nil: time.Now
}

// KeySets caches the JSON Web Key Sets (RFC 7517) of token issuers. Share one
// between chains, and keep it when the configuration is loaded again: the keys
// that were fetched stay.
//
// A set is fetched when it is first mentioned, again when it is an hour old,
// and when a token names a key that it lacks, which happens at most once a
// minute. A set that cannot be fetched again is used for a day. Nothing runs
// between fetches, so there is nothing to close. It is safe for concurrent use.
type KeySets struct {
	// ctx ends fetches. A request's own must not, as others wait for the same fetch.
	ctx    context.Context //nolint:containedctx // it is the lifetime of the cache, not of a call
	client *http.Client
	log    *zap.Logger
	now    func() time.Time

	mu    sync.Mutex
	byURL map[string]*keySet
}

// NewKeySets makes an empty cache. When ctx is done it fetches no more.
func NewKeySets(ctx context.Context, o KeySetOptions) *KeySets {
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &KeySets{
		ctx:    ctx,
		client: &http.Client{Transport: o.Transport, Timeout: fetchTimeout, CheckRedirect: refuseRedirect},
		log:    o.Log,
		now:    o.Now,
		byURL:  map[string]*keySet{},
	}
}

// refuseRedirect makes the client return the redirect, which is no key set:
// the configured host answers itself, or not at all.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// at returns the key set of a URL and starts to fetch it when it is new.
func (s *KeySets) at(address string) *keySet {
	s.mu.Lock()
	defer s.mu.Unlock()
	if set, known := s.byURL[address]; known {
		return set
	}
	set := newKeySet(s, address)
	s.byURL[address] = set
	set.fetch(0)
	return set
}

func newKeySet(s *KeySets, address string) *keySet {
	storage := jwkset.NewMemoryStorage()
	// New fails only without a storage.
	find, _ := keyfunc.New(keyfunc.Options{
		Ctx:          s.ctx,
		Storage:      storage,
		UseWhitelist: []jwkset.USE{"", jwkset.UseSig},
	})
	return &keySet{sets: s, url: address, storage: storage, find: find}
}

// withoutQuery is the address as it may be logged.
func withoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}
