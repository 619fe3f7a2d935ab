package amqpx

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Defaults of the zero values in Config.
const (
	DefaultHeartbeat    = 6 * time.Second
	DefaultDialTimeout  = 5 * time.Second
	DefaultWriteTimeout = 5 * time.Second
)

// Config says how to reach a RabbitMQ cluster.
type Config struct {
	// URLs are the nodes of one cluster, as amqp:// or amqps:// URLs
	// (https://www.rabbitmq.com/docs/uri-spec). Every dial tries them in another
	// order. The only query parameter is auth_mechanism=external.
	URLs []string

	// Username and Password, where Username is set, replace those of the URLs. They may
	// hold any character.
	Username, Password string

	// ReadLogin, where it is set, is called before each dial and replaces URLs, Username
	// and Password, so that they can be rotated in place. When it fails, the dial fails.
	ReadLogin func(context.Context) (Login, error)

	// CAFile holds the certificates, in PEM, that a broker's is checked against;
	// empty means the system's. CertFile and KeyFile are the client's own, for
	// mutual TLS; with a URL that names no user they are also the login (SASL
	// EXTERNAL). All are read again at every dial, so they can be renewed in place.
	CAFile, CertFile, KeyFile string

	// Name is shown as the connection's name in RabbitMQ's management.
	Name string

	// Heartbeat is the interval of AMQP heartbeats, in whole seconds; a broker that
	// is silent for one and a half of it is given up. Zero means DefaultHeartbeat.
	Heartbeat time.Duration

	// DialTimeout bounds reaching one node: TCP, TLS and the AMQP handshake. It
	// also bounds opening a channel and every other exchange with the broker.
	// Zero means DefaultDialTimeout.
	DialTimeout time.Duration

	// WriteTimeout bounds one write to a socket. A connection that accepts nothing
	// for so long is closed. Zero means DefaultWriteTimeout.
	WriteTimeout time.Duration
}

func (c Config) withDefaults() Config {
	if c.Heartbeat == 0 {
		c.Heartbeat = DefaultHeartbeat
	}
	if c.DialTimeout == 0 {
		c.DialTimeout = DefaultDialTimeout
	}
	if c.WriteTimeout == 0 {
		c.WriteTimeout = DefaultWriteTimeout
	}
	return c
}

// Validate reports every problem, joined. It never prints a password, and it reads
// no file.
func (c Config) Validate() error {
	var problems []error
	if len(c.URLs) == 0 {
		problems = append(problems, errors.New("no AMQP URL"))
	}
	secure := false
	login := Login{URLs: c.URLs}
	for i := range c.URLs {
		n, err := login.node(i)
		problems = append(problems, err)
		secure = secure || n.secure
	}
	if c.Username == "" && c.Password != "" {
		problems = append(problems, errors.New("a password needs its user name"))
	}
	if (c.CertFile == "") != (c.KeyFile == "") {
		problems = append(problems, errors.New("a client certificate and its key come together"))
	}
	if errors.Join(problems...) == nil && !secure && c.CAFile+c.CertFile != "" {
		problems = append(problems, errors.New("TLS files are set, but no AMQP URL is amqps://"))
	}
	if c.Heartbeat != 0 && c.Heartbeat < time.Second {
		problems = append(problems, fmt.Errorf("heartbeat %v is shorter than 1s", c.Heartbeat))
	}
	if c.DialTimeout < 0 || c.WriteTimeout < 0 {
		problems = append(problems, errors.New("a timeout is negative"))
	}
	return errors.Join(problems...)
}

const (
	schemePlain = "amqp"
	schemeTLS   = "amqps"
)

// node is one parsed URL.
type node struct {
	host           string // without the port
	address        string // host:port
	secure         bool
	external       bool // asked for by the URL
	named          bool // the URL names a user
	user, password string
	vhost          string
}

// parseNode reads an AMQP URL. Its errors do not quote the URL, which may hold a
// password.
func parseNode(raw string) (node, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return node{}, errors.New("not a URL; reserved characters in the password must be percent-encoded")
	}
	if err := checkParts(u); err != nil {
		return node{}, err
	}
	n := node{host: u.Hostname(), user: "guest", password: "guest", vhost: "/", secure: u.Scheme == schemeTLS}
	if u.Scheme != schemePlain && u.Scheme != schemeTLS {
		return node{}, errors.New("the scheme is neither amqp nor amqps")
	}
	if n.host == "" {
		return node{}, errors.New("no host")
	}
	n.address = net.JoinHostPort(n.host, port(u))
	if len(u.Path) > 1 {
		n.vhost = u.Path[1:]
	}
	if u.User != nil {
		n.named, n.user = true, u.User.Username()
		n.password, _ = u.User.Password()
	}
	for name, values := range u.Query() {
		if name != "auth_mechanism" || !slices.Equal(values, []string{"external"}) {
			return node{}, unknownParameter(name)
		}
		n.external = true
	}
	if number, err := strconv.ParseUint(port(u), 10, 16); err != nil || number == 0 {
		return node{}, errors.New("the port is not a number from 1 to 65535")
	}
	return n, nil
}

// checkParts refuses a URL that a reserved character in the password cut short: what is
// before that character would be taken for the host and its port, and sent to a name server.
func checkParts(u *url.URL) error {
	switch {
	case u.Fragment != "":
		return errors.New("a # after the host; in a password it is written %23")
	case strings.Contains(u.EscapedPath(), "@"):
		return errors.New("an @ after the host; in a password / is written %2F, in a virtual host @ is written %40")
	}
	return nil
}

// parameters are those that RabbitMQ's own clients know
// (https://www.rabbitmq.com/docs/uri-query-parameters).
var parameters = []string{
	"auth_mechanism", "cacertfile", "certfile", "channel_max", "connection_timeout", "fail_if_no_peer_cert", "heartbeat",
	"keyfile", "password", "server_name_indication", "verify",
}

// unknownParameter names a parameter only when it is one: it may be the rest of a password
// with a question mark in it.
func unknownParameter(name string) error {
	if slices.Contains(parameters, name) {
		return fmt.Errorf("query parameter %s: only auth_mechanism=external is known", name)
	}
	return errors.New("a query parameter other than auth_mechanism=external; a ? in the password must be written %3F")
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == schemeTLS:
		return "5671"
	default:
		return "5672"
	}
}
