package console

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	limit "golang.org/x/time/rate"
)

// How many wrong tokens one address may try: at once, and then again after each pause. A
// network of IPv6 counts as one address.
const (
	guessesAtOnce = 10
	guessPause    = 30 * time.Second
	guessNetwork  = 64     // bits of an IPv6 address
	guessers      = 10_000 // addresses that are remembered
)

// guesses bounds how many wrong tokens can be tried. It is safe for concurrent use.
type guesses struct {
	mu   sync.Mutex
	from *lru.Cache[netip.Prefix, *limit.Limiter]
}

func newGuesses() (*guesses, error) {
	from, err := lru.New[netip.Prefix, *limit.Limiter](guessers)
	return &guesses{from: from}, err
}

// allowed reports whether the address may try a token.
func (g *guesses) allowed(remote string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	limiter, known := g.from.Get(networkOf(remote))
	return !known || limiter.TokensAt(now) >= 1
}

// failed counts a wrong token.
func (g *guesses) failed(remote string, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	network := networkOf(remote)
	limiter, known := g.from.Get(network)
	if !known {
		limiter = limit.NewLimiter(limit.Every(guessPause), guessesAtOnce)
		g.from.Add(network, limiter)
	}
	limiter.AllowN(now, 1)
}

// networkOf returns whom an address belongs to. What is no address is one guesser.
func networkOf(remote string) netip.Prefix {
	from, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	addr := from.Addr().Unmap().WithZone("")
	bits := addr.BitLen()
	if addr.Is6() {
		bits = guessNetwork
	}
	prefix, _ := addr.Prefix(bits) // so many bits it has
	return prefix
}
