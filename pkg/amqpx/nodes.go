package amqpx

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"time"
)

// Node is what one node of a cluster says of itself.
type Node struct {
	Address      string              // host:port; empty when the URL is wrong
	Err          error               // why it cannot be used; nil: it can
	Version      string              // of RabbitMQ
	Cluster      string              // its name
	Took         time.Duration       // to connect and log in
	Certificates []*x509.Certificate // what it showed, its own first; none without TLS
}

// Look connects to every node that cfg names, one after the other, logs in, and
// leaves. A node that cannot be reached, refuses the login, or is too old is told by
// its Err.
func Look(ctx context.Context, cfg Config) []Node {
	cfg = cfg.withDefaults()
	login, err := cfg.login(ctx)
	if err != nil {
		return []Node{{Err: err}}
	}
	nodes := make([]Node, len(login.URLs))
	for i := range login.URLs {
		n, err := login.node(i)
		if err != nil {
			nodes[i].Err = err
			continue
		}
		nodes[i] = look(ctx, cfg, n)
	}
	return nodes
}

func look(ctx context.Context, cfg Config, n node) Node {
	found := Node{Address: n.address}
	start := time.Now()
	s, err := dialNode(ctx, cfg, n)
	if err != nil {
		found.Err = fmt.Errorf("connect to %s: %w", n.address, err)
		return found
	}
	defer s.close()
	found.Took = time.Since(start)
	found.Version, _ = s.conn.Properties["version"].(string)
	found.Cluster, _ = s.conn.Properties["cluster_name"].(string)
	found.Err = checkBroker(s.conn.Properties)
	if secured, ok := s.sock.Conn.(*tls.Conn); ok {
		found.Certificates = secured.ConnectionState().PeerCertificates
	}
	return found
}

// Vhost returns the virtual host that the first URL names.
func (c Config) Vhost() string {
	if len(c.URLs) == 0 {
		return "/"
	}
	n, err := parseNode(c.URLs[0])
	if err != nil {
		return "/"
	}
	return n.vhost
}
