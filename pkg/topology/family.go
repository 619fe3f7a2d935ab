package topology

import "strings"

// delays stands for the exchanges of all delay levels.
const delays = "penstock.delay"

// Family names what an exchange is for, out of a closed set: all delay levels are one,
// and exchanges that are not Penstock's are "other". Metrics and spans are named so.
func Family(exchange string) string {
	switch {
	case strings.HasPrefix(exchange, delays):
		return delays
	case exchange == Routes, exchange == Events, exchange == Unrouted, exchange == Ready, exchange == Dead, exchange == Refused:
		return exchange
	default:
		return "other"
	}
}
