package topology

import (
	"math/bits"
	"strings"
)

// DelayBits is how many bits a delay has.
const DelayBits = 20

// MaxDelay is the longest delay in seconds: a little over twelve days.
const MaxDelay = 1<<DelayBits - 1

// Delay returns where to publish a message so that it reaches the route's queue
// after so many seconds. Less than one second is no delay: the message goes to Ready,
// and from there to the queue at once. More than MaxDelay is MaxDelay.
//
// The key holds one word per bit, the highest first, and then the route's name. The
// exchange is the one of the highest bit that is set, so a short delay has few hops.
func Delay(route string, seconds int) (exchange, key string) {
	seconds = min(max(seconds, 0), MaxDelay)
	var b strings.Builder
	b.Grow(2*DelayBits + len(route))
	for bit := DelayBits - 1; bit >= 0; bit-- {
		b.WriteByte('0' + byte(seconds>>bit&1))
		b.WriteByte('.')
	}
	b.WriteString(route)
	if seconds == 0 {
		return Ready, b.String()
	}
	return DelayQueue(bits.Len(uint(seconds)) - 1), b.String()
}

// delayPattern matches the keys in which the bit has the value, '0' or '1'. The
// route's name is one word, but # also takes a name with dots.
func delayPattern(bit int, value string) string {
	return strings.Repeat("*.", DelayBits-1-bit) + value + "." + strings.Repeat("*.", bit) + "#"
}

// below names the exchange that a bit's messages go on to.
func below(bit int) string {
	if bit == 0 {
		return Ready
	}
	return DelayQueue(bit - 1)
}
