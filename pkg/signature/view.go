package signature

import "sync"

// view is what one verification sees of a request: lazily found values, captures, and the buffers
// that it works in. It lives for one call.
type view struct {
	req   *Request
	paths *pathTree
	spans []span   // the values in the JSON body, once scanned
	seen  []bool   // which nodes of paths were met, while scanning
	stack []active // room for the open levels, while scanning
	done  bool     // the JSON body was scanned
	form  *form    // the body as a form, once read

	groups []group
	sigs   []candidate
	group  *group // the one that {nonce} and {keyid} are taken from
	ts     string // {ts}
	decode bool   // {body} is the decoded body
	url    string // the spelling of {url} being tried; empty: as configured
	secret []byte // {secret}, and the key of keyed filters

	work  *Work           // what the request has taken
	own   Work            // work, when the request has none
	ended <-chan struct{} // closed when nobody waits for the result; nil: never

	message []byte // what is signed, as far as it is not streamed into a hash
	decoded []byte // the decoded signatures
	text    []byte // short-lived copies of text
	opened  []byte // a decoded document
}

// maxKept is the size in bytes above which a buffer is not kept for the next request.
const maxKept = 64 << 10

// usualLevels is how many open levels of a JSON document a view has room for.
const usualLevels = 16

// views recycles the views of one compiled object.
type views struct {
	paths pathTree
	pool  sync.Pool
}

func (p *views) get(r *Request) *view {
	c, ok := p.pool.Get().(*view)
	if !ok {
		c = &view{paths: &p.paths, spans: make([]span, p.paths.slots), seen: make([]bool, p.paths.count), stack: make([]active, 0, usualLevels)}
	}
	c.req, c.work = r, r.Work
	if c.work == nil {
		c.work = &c.own
	}
	return c
}

// put recycles c without what it knows of the request, or of a key.
func (p *views) put(c *view) {
	clear(c.groups)
	clear(c.sigs)
	clear(c.spans)
	clear(c.seen)
	*c = view{
		paths: c.paths, spans: c.spans, seen: c.seen, stack: c.stack, groups: c.groups[:0], sigs: c.sigs[:0],
		message: recycled(c.message), decoded: recycled(c.decoded), text: recycled(c.text), opened: recycled(c.opened),
	}
	p.pool.Put(c)
}

// readForm reads the body as a form, once.
func (c *view) readForm() *form {
	if c.form == nil {
		c.form = c.req.readForm()
	}
	return c.form
}

func recycled(buffer []byte) []byte {
	if cap(buffer) > maxKept {
		return nil
	}
	return buffer[:0]
}
