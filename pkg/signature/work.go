package signature

import "io"

// MaxOperations is how many operations with public keys one request may cause: as many as a
// provider in the middle of a rotation needs, several times over.
const MaxOperations = 16

// Work counts what verifying one request has taken. The zero value has counted nothing. It belongs
// to one request, and so to one goroutine.
type Work struct {
	// Hashed is how many bytes went into hashes and checksums.
	Hashed int
	// Operations is how many times a public key was used, those of certificates included. It ends at
	// MaxOperations: what would need more is refused.
	Operations int

	form *form // of the request that was read as one last
}

// TakeOperation counts one more operation with a public key. It is false when there were
// MaxOperations. Nil counts nothing.
func (w *Work) TakeOperation() bool {
	if w == nil {
		return true
	}
	if w.Operations >= MaxOperations {
		return false
	}
	w.Operations++
	return true
}

// stop is why the work on a request must not go on; None: it may.
func (c *view) stop() Reason {
	select {
	case <-c.ended:
		return Abandoned
	default:
		return None
	}
}

// operate counts one more operation with a public key. It returns why it must not be done; None: it
// may.
func (c *view) operate() Reason {
	if why := c.stop(); why != None {
		return why
	}
	if !c.work.TakeOperation() {
		return TooCostly
	}
	return None
}

// ends reports whether nothing else is tried after a refusal for this reason.
func (r Reason) ends() bool { return r == Abandoned || r == TooCostly }

// chunk is how much of a text is hashed at once, in bytes.
const chunk = 32 << 10

// writeText writes text without a copy of all of it.
func (c *view) writeText(w io.Writer, text string) {
	c.work.Hashed += len(text)
	for len(text) > 0 {
		n := min(len(text), chunk)
		c.text = append(c.text[:0], text[:n]...)
		_, _ = w.Write(c.text) // a hash takes everything
		text = text[n:]
	}
}
