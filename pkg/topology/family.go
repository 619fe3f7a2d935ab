package topology

// Family names what an exchange is for, out of a closed set: exchanges that are not Penstock's are "other". Metrics and spans are named so.
func Family(exchange string) string {
	switch exchange {
	case Routes, Events, Unrouted, Delay, Orphan, Dead, Refused:
		return exchange
	default:
		return "other"
	}
}
