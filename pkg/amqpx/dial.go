package amqpx

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/penstock/penstock/pkg/pemfile"
)

// frameSize is the largest frame that is asked for, in bytes: RabbitMQ's default.
const frameSize = 128 << 10

// dial connects to the first node that answers, in a new random order. Each node
// gets Config.DialTimeout. The error joins what each of them said.
func dial(ctx context.Context, cfg Config) (*session, error) {
	login, err := cfg.login(ctx)
	if err != nil {
		return nil, err
	}
	if len(login.URLs) == 0 {
		return nil, errors.New("no AMQP URL is configured")
	}
	var failed []error
	for _, i := range rand.Perm(len(login.URLs)) { //nolint:gosec // the order is no secret
		n, err := login.node(i)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		s, err := dialNode(ctx, cfg, n)
		if err == nil {
			s.renewal = renewal{cfg.ReadLogin, login.Password, login.Renew}
			return s, nil
		}
		failed = append(failed, fmt.Errorf("connect to %s: %w", n.address, login.explainLogin(err)))
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(failed...)
}

func dialNode(ctx context.Context, cfg Config, n node) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, cfg.DialTimeout)
	defer cancel()
	sock, err := dialTransport(ctx, cfg, n)
	if err != nil {
		return nil, err
	}
	// The client library's handshake knows no context: closing the socket ends it.
	stop := context.AfterFunc(ctx, sock.abort)
	connection, err := amqp.Open(sock, handshake(cfg, n))
	if !stop() {
		err = errors.Join(ctx.Err(), err)
	}
	if err != nil {
		sock.abort()
		return nil, fmt.Errorf("AMQP handshake: %w", err)
	}
	return newSession(connection, sock, n.address, cfg.DialTimeout), nil
}

func dialTransport(ctx context.Context, cfg Config, n node) (*socket, error) {
	dialer := net.Dialer{
		Control:         limitUnacknowledged(max(cfg.WriteTimeout, cfg.Heartbeat*3/2)),
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: cfg.Heartbeat, Interval: cfg.Heartbeat, Count: 2},
	}
	raw, err := dialer.DialContext(ctx, "tcp", n.address)
	if err != nil {
		return nil, err
	}
	if !n.secure {
		return newSocket(raw, raw, cfg.WriteTimeout), nil
	}
	secured, err := dialTLS(ctx, cfg, n, raw)
	if err != nil {
		_ = raw.Close()
		return nil, fmt.Errorf("TLS: %w", err)
	}
	return newSocket(secured, raw, cfg.WriteTimeout), nil
}

func dialTLS(ctx context.Context, cfg Config, n node, raw net.Conn) (net.Conn, error) {
	settings, err := tlsConfig(cfg, n.host)
	if err != nil {
		return nil, err
	}
	secured := tls.Client(raw, settings)
	return secured, secured.HandshakeContext(ctx)
}

func tlsConfig(cfg Config, host string) (*tls.Config, error) {
	settings := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if cfg.CAFile != "" {
		roots, err := pemfile.Pool(cfg.CAFile)
		if err != nil {
			return nil, fmt.Errorf("authorities: %w", err)
		}
		settings.RootCAs = roots
	}
	if cfg.CertFile != "" {
		pair, err := pemfile.Pair(cfg.CertFile, cfg.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("client certificate: %w", err)
		}
		settings.Certificates = []tls.Certificate{pair}
	}
	return settings, nil
}

// Generation is what connections show in their property "generation": by it a process is
// known that publishes to queues by their names. Those of generation 1 publish by patterns,
// and show none.
const Generation = 2

func handshake(cfg Config, n node) amqp.Config {
	properties := amqp.Table{"product": "penstock", "platform": "go", "generation": int32(Generation)}
	if cfg.Name != "" {
		properties.SetClientConnectionName(cfg.Name)
	}
	return amqp.Config{
		SASL:       []amqp.Authentication{login(cfg, n)},
		Vhost:      n.vhost,
		Heartbeat:  cfg.Heartbeat.Truncate(time.Second),
		FrameSize:  frameSize,
		Locale:     "en_US",
		Properties: properties,
	}
}

func login(cfg Config, n node) amqp.Authentication {
	if n.external || (cfg.CertFile != "" && n.secure && !n.named) {
		return &amqp.ExternalAuth{}
	}
	return &amqp.PlainAuth{Username: n.user, Password: n.password}
}
