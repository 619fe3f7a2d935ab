package httpapi

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/penstock/penstock/pkg/auth"
)

// senders finds the address of the sender of a request. The zero value takes the address
// of the connection, which the PROXY protocol may have given.
type senders struct {
	field   string        // the header field in which proxies report addresses; "": none
	trusted auth.Networks // of these proxies; not empty with a field
}

// addressOf returns the sender's address. A field counts only from a trusted proxy. It is
// read from its end, where the nearest proxy writes: the first address that is not of a
// trusted proxy is the sender's. What stands before it is the sender's own claim. Without
// a readable address the nearest proxy is the sender.
func (s senders) addressOf(r *http.Request) netip.Addr {
	nearest := addressOf(r.RemoteAddr)
	if s.field == "" || !nearest.IsValid() || !s.trusted.Allows(nearest) {
		return nearest
	}
	rest := strings.Join(r.Header.Values(s.field), ",")
	for rest != "" {
		var element string
		rest, element = cutLast(rest)
		address, ok := readElement(element)
		if !ok {
			return nearest
		}
		nearest = address
		if !s.trusted.Allows(nearest) {
			return nearest
		}
	}
	return nearest
}

// cutLast splits a list at its last comma.
func cutLast(list string) (before, last string) {
	at := strings.LastIndexByte(list, ',')
	return list[:max(at, 0)], list[at+1:]
}

// readElement reads an address with or without a port, as in X-Forwarded-For, or the
// parameter "for" of an element of Forwarded (RFC 7239).
func readElement(element string) (netip.Addr, bool) {
	element = strings.TrimSpace(element)
	for parameter := range strings.SplitSeq(element, ";") {
		name, value, found := strings.Cut(strings.TrimSpace(parameter), "=")
		if found && strings.EqualFold(name, "for") {
			element = strings.Trim(value, `"`)
		}
	}
	if withPort, err := netip.ParseAddrPort(element); err == nil {
		return withPort.Addr().Unmap().WithZone(""), true
	}
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(element, "["), "]"))
	return address.Unmap().WithZone(""), err == nil
}
