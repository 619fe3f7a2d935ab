package ingest

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/header"
)

// Captured holds the secrets that providers handed over in handshakes, the newest
// of each pending source, in memory and until it was shown once. It is the handler
// of CapturedRoute and safe for concurrent use.
type Captured struct {
	log     *zap.Logger
	mu      sync.Mutex
	secrets map[string]captured // by source
}

// CapturedRoute is where an operator reads a secret, as a pattern of http.ServeMux.
const CapturedRoute = "GET /captured/{source}"

// captured is the body that shows a secret.
type captured struct {
	Source     string    `json:"source"`
	Secret     string    `json:"secret"`
	CapturedAt time.Time `json:"capturedAt"`
	Handshakes int       `json:"handshakes"` // since the secret was shown last; more than one may mean a stranger
	Next       string    `json:"next"`
}

const whatNext = "Store the secret where the source's secrets refer to, add the reference, and remove pending. " +
	"It is not shown again. With handshakes above 1, make sure that it is the provider's: anyone can send one."

// NewCaptured returns an empty store, which logs that there is something to read.
func NewCaptured(log *zap.Logger) *Captured {
	return &Captured{log: log, secrets: map[string]captured{}}
}

// keep takes a secret over, in place of an older one of the source.
func (c *Captured) keep(source, secret string) {
	c.mu.Lock()
	c.secrets[source] = captured{
		Source:     source,
		Secret:     secret,
		CapturedAt: time.Now().UTC(),
		Handshakes: c.secrets[source].Handshakes + 1,
		Next:       whatNext,
	}
	c.mu.Unlock()
	c.log.Info("a handshake brought the secret of a pending source; read it once from the admin listener of this process",
		zap.String("source", source), zap.String("path", "/captured/"+source))
}

// fromHere reports whether a request comes from a program on this host, and through no
// proxy on it. The name that it asks for tells a program from a page of another site whose
// name leads here.
func fromHere(r *http.Request) bool {
	for _, name := range header.Proxies() {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && from.Addr().Unmap().IsLoopback() && header.LoopbackHost(r.Host)
}

// take returns the source's secret and forgets it.
func (c *Captured) take(source string) (captured, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, there := c.secrets[source]
	delete(c.secrets, source)
	return found, there
}

// ServeHTTP shows the secret of the source in the path, once; 404 when there is
// none. A HEAD request, which shows nothing, must not use it up. It shows it only to a
// program on the gateway's own host: who else reaches the port, and a page that has a
// browser there ask, gets 403.
func (c *Captured) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !fromHere(r) {
		http.Error(w, "a secret is shown on the gateway's own host only: ask http://localhost there, through a shell or a port that is forwarded", http.StatusForbidden)
		return
	}
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "only GET shows a secret", http.StatusMethodNotAllowed)
		return
	}
	found, there := c.take(r.PathValue("source"))
	if !there {
		http.Error(w, "no secret was captured for this source, or it was shown already", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(found) //nolint:gosec,errchkjson // showing the secret is the purpose; it fails only when the asker has gone
}
