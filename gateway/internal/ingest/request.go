package ingest

import (
	"net/http"
	"net/netip"
	"time"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/signature"
)

// Request is one request on its way through the stages. The caller fills the
// exported fields; the stages add what they find out. It belongs to one goroutine.
type Request struct {
	Name    string        // the source's name, as it stands in the path
	HTTP    *http.Request // its body is read by the body stage
	Remote  netip.Addr    // the sender's address, after any PROXY protocol header
	Arrived time.Time     // when its header was read

	source     *Source
	body       []byte
	buffer     *[]byte            // what body stands in, when it came from the pool
	signed     signature.Request  // as it was received
	read       *signature.Request // as its body reads; nil until it is verified
	work       signature.Work     // what it has taken to look at
	unverified signature.Reason   // why its signature is not valid; empty: it is, or nobody looked
	providerID string
	eventType  string
	eventID    string

	identity  string       // what the provider calls the event, of any length; may be empty
	duplicate bool         // it was accepted before, as eventID
	recovered string       // how it was recovered, when it is not its sender's own request; else empty
	proposed  string       // with recovered: the id that it has already
	replay    event.Replay // the further round that it begins; empty: none
	spooled   bool         // it is on disk, and not in the broker yet
	message   *event.Message
	done      []string    // the queues that have the event already
	late      func(error) // told of a confirm that comes too late for the sender; may be nil

	admitted *Share // it holds one unit of this share of the request budget; nil: none
	holder   *Share // its source's share of the byte budget; nil before it holds any
	held     int64  // the units of holder that it holds
	answer   *Answer
	spent    spent
	question string // the kind of a provider's question that it is; empty: none
}

// spent is how long the parts took that others can be to blame for.
type spent struct{ verify, publish time.Duration }

// Answer is what an accepted request, or a handshake, is answered with.
type Answer struct {
	Status      int
	ContentType string            // none when empty
	Header      map[string]string // further header fields; may be nil
	Body        []byte
	EventID     string // the event's id; empty for a handshake, which makes no event
	Duplicate   bool   // the event was accepted before, and is not delivered again
	Timing      string // the value of Server-Timing (https://www.w3.org/TR/server-timing); empty: none
}
