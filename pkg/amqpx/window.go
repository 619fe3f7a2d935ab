package amqpx

// window bounds the publishes that are unconfirmed at a time, over all connections of a
// publisher. It holds a place for each publish that a live connection could take now:
// the connection itself. Who takes a place gives it back.
type window struct {
	places chan *flight
	size   int // places of one connection
}

func newWindow(connections, size int) *window {
	// Twice as much as there can be: a few places of a connection that has just died
	// may still be among them.
	return &window{places: make(chan *flight, 2*connections*size), size: size}
}

// open adds the places of a new connection.
func (w *window) open(f *flight) {
	for range w.size {
		w.give(f)
	}
}

// give adds one place, unless the connection is gone.
func (w *window) give(f *flight) {
	if !f.alive() {
		return
	}
	select {
	case w.places <- f:
	default: // cannot be; and if so, less would be in flight at a time
	}
}

// sweep removes the places of connections that are gone.
func (w *window) sweep() {
	for range len(w.places) {
		select {
		case f := <-w.places:
			w.give(f)
		default:
			return
		}
	}
}
