package amqpx_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// tlsAddress is where the private node listens for TLS, beside its other port.
const tlsAddress = "127.0.0.1:5703"

// tlsSettings make a node ask every TLS client for a certificate of the authority.
func tlsSettings(t *testing.T, a *amqptest.Authority) []string {
	t.Helper()
	cert, key := a.Issue(t, "server")
	return []string{
		"listeners.ssl.1 = " + tlsAddress,
		"ssl_options.cacertfile = " + a.File,
		"ssl_options.certfile = " + cert,
		"ssl_options.keyfile = " + key,
		"ssl_options.verify = verify_peer",
		"ssl_options.fail_if_no_peer_cert = true",
		"ssl_cert_login_from = common_name",
		"auth_mechanisms.1 = PLAIN",
		"auth_mechanisms.2 = EXTERNAL",
	}
}

// overTLS runs the cases of TLS on a node with tlsSettings.
func overTLS(t *testing.T, node *amqptest.Node, a *amqptest.Authority) {
	b := on(t, node.Vhost(t))
	b.queue(t, "work", nil)
	b.ExternalUser(t, "gateway")
	cert, key := a.Issue(t, "gateway")
	stranger, strangersKey := amqptest.NewAuthority(t).Issue(t, "gateway")
	tests := map[string]struct {
		user    *url.Userinfo
		query   string
		ca      string
		cert    string
		key     string
		refused string
	}{
		"the certificate is the login":         {ca: a.File, cert: cert, key: key},
		"the URL asks for the certificate":     {user: url.User("x"), query: "auth_mechanism=external", ca: a.File, cert: cert, key: key},
		"a password goes before it":            {user: url.UserPassword("guest", "guest"), ca: a.File, cert: cert, key: key},
		"a wrong password is not mended by it": {user: url.UserPassword("guest", "x"), ca: a.File, cert: cert, key: key, refused: "403"},
		"no certificate":                       {ca: a.File, refused: "connect to " + tlsAddress},
		"a stranger's certificate":             {ca: a.File, cert: stranger, key: strangersKey, refused: "connect to " + tlsAddress},
		"an unknown server":                    {cert: cert, key: key, refused: "unknown authority"},
		"a missing file":                       {ca: a.File + "x", refused: "authorities: read certificates: open"},
		"a file without certificates":          {ca: key, refused: "holds no certificate"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			u := url.URL{Scheme: "amqps", User: tt.user, Host: tlsAddress, Path: "/" + b.Name, RawQuery: tt.query}
			b := on(t, b.Vhost)
			b.cfg = amqpx.Config{URLs: []string{u.String()}, CAFile: tt.ca, CertFile: tt.cert, KeyFile: tt.key}
			if tt.refused == "" {
				require.NoError(t, b.publish(b.publisher(t, amqpx.PublisherOptions{Connections: 1}), "work", "one"))
				return
			}
			p := amqpx.NewPublisher(b.cfg, amqpx.PublisherOptions{Connections: 1}, b.log)
			connecting := p.Ready().Error()
			require.True(t, waitFor(func() bool { return p.Ready().Error() != connecting }, 10*time.Second))
			require.ErrorContains(t, p.Ready(), tt.refused)
			require.NoError(t, p.Close(b.ctx))
		})
	}
}
