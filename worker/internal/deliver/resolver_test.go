package deliver_test

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
)

// nameserver is a DNS server that gives every name the addresses that it was last
// told. Nothing may keep its answers.
type nameserver struct {
	conn *net.UDPConn

	mu    sync.Mutex
	addrs []netip.Addr
}

func newNameserver(t *testing.T) *nameserver {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	require.NoError(t, err)
	n := &nameserver{conn: conn}
	var serving sync.WaitGroup
	serving.Go(n.serve)
	t.Cleanup(func() { _ = conn.Close(); serving.Wait() })
	return n
}

// say sets the answer from now on.
func (n *nameserver) say(addrs ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.addrs = nil
	for _, a := range addrs {
		n.addrs = append(n.addrs, netip.MustParseAddr(a))
	}
}

// resolver asks this server only.
func (n *nameserver) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", n.conn.LocalAddr().String())
	}}
}

func (n *nameserver) serve() {
	buffer := make([]byte, 1500)
	for {
		size, from, err := n.conn.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		var query dnsmessage.Message
		if query.Unpack(buffer[:size]) != nil || len(query.Questions) != 1 {
			continue
		}
		answer, err := n.answer(query)
		if err == nil {
			_, _ = n.conn.WriteToUDPAddrPort(answer, from)
		}
	}
}

func (n *nameserver) answer(query dnsmessage.Message) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	question := query.Questions[0]
	reply := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: query.ID, Response: true, Authoritative: true, RecursionAvailable: true},
		Questions: query.Questions,
	}
	for _, a := range n.addrs {
		var body dnsmessage.ResourceBody
		switch {
		case a.Is4() && question.Type == dnsmessage.TypeA:
			body = &dnsmessage.AResource{A: a.As4()}
		case a.Is6() && question.Type == dnsmessage.TypeAAAA:
			body = &dnsmessage.AAAAResource{AAAA: a.As16()}
		default:
			continue
		}
		header := dnsmessage.ResourceHeader{Name: question.Name, Type: question.Type, Class: question.Class}
		reply.Answers = append(reply.Answers, dnsmessage.Resource{Header: header, Body: body})
	}
	return reply.Pack()
}
