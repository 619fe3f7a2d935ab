package ingest

import (
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"
)

// maxSuspects is how many addresses are remembered. The one that failed longest ago
// makes room, so that who sends from many addresses takes no more memory.
const maxSuspects = 10_000

// Suspects limits how often one address may fail to prove who it is, so that
// nobody can try secrets, or make the gateway verify, at any rate. An IPv6 sender
// is its /64, of which one customer has all addresses. It is safe for concurrent use.
type Suspects struct {
	mu        sync.Mutex
	perMinute int
	failures  *simplelru.LRU[netip.Prefix, *rate.Limiter]
}

// NewSuspects allows each address that many failures a minute, and as many at once.
// Zero: any number.
func NewSuspects(perMinute int) *Suspects {
	failures, err := simplelru.NewLRU[netip.Prefix, *rate.Limiter](maxSuspects, nil)
	if err != nil {
		panic("ingest: " + err.Error()) // the size is a positive constant
	}
	return &Suspects{perMinute: perMinute, failures: failures}
}

// wait returns how long requests of the address are refused; zero when it may try.
func (s *Suspects) wait(a netip.Addr, now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	limiter, failed := s.failures.Peek(network(a))
	if !failed || limiter.TokensAt(now) >= 1 {
		return 0
	}
	missing := 1 - limiter.TokensAt(now)
	return time.Duration(missing / float64(limiter.Limit()) * float64(time.Second))
}

// failed notes that the address could not prove who it is.
func (s *Suspects) failed(a netip.Addr, now time.Time) {
	if s.perMinute <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	limiter, known := s.failures.Get(network(a))
	if !known {
		limiter = rate.NewLimiter(rate.Limit(float64(s.perMinute)/60), s.perMinute)
		s.failures.Add(network(a), limiter)
	}
	limiter.AllowN(now, 1)
}

func network(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, err := a.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address is known: all of those count as one
	}
	return p
}
