package ingest

import "sync"

// pooledBytes is the size of the buffers that are used again. Most webhooks fit.
const pooledBytes = 16 << 10

// buffers hands out buffers of pooledBytes. It is shared by all pipelines, for
// it holds nothing but empty space.
var buffers sync.Pool

// borrow gives the request an empty body in a buffer of the pool.
func (r *Request) borrow() {
	var used bool
	if r.buffer, used = buffers.Get().(*[]byte); !used {
		fresh := make([]byte, pooledBytes)
		r.buffer = &fresh
	}
	r.body = (*r.buffer)[:0]
}

// recycle hands the buffer back to the pool. The body must not be used any more,
// by anyone.
func (r *Request) recycle() {
	if r.buffer == nil {
		return
	}
	buffers.Put(r.buffer)
	r.buffer, r.body = nil, nil
}

// keep leaves the buffer to the garbage collector, because somebody else may
// still use the body.
func (r *Request) keep() { r.buffer = nil }
