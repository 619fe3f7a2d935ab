package returns

// How many messages a session holds, at least and at most, and how large they are taken to be
// while none was seen. The more it holds, the more of a queue that is slow may stand before
// those of others.
const (
	leastWindow = 32
	mostWindow  = 20_000
	usualSize   = 4 << 10
)

// windowFor is how many messages a session may hold, of which the largest takes so many bytes.
func windowFor(bytes, largest int64) int {
	return int(min(max(bytes/max(largest, usualSize), leastWindow), mostWindow))
}

// outgrown reports whether the messages of a session are so large that it holds too many.
func outgrown(window int, bytes, largest int64) bool {
	return window > 2*windowFor(bytes, largest)
}
