package amqptest

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// The environment variables that name the shared broker.
const (
	EnvURLs       = "PENSTOCK_TEST_AMQP_URLS"      // comma-separated nodes of one cluster
	EnvManagement = "PENSTOCK_TEST_MANAGEMENT_URL" // http://user:password@host:port/
)

// Vhost is a virtual host on a broker, removed with everything in it when the test ends.
type Vhost struct {
	Name string
	URL  string   // of the first node
	URLs []string // of all nodes

	Management string // the URL of the management interface

	management management
}

// Broker returns the AMQP URL of a fresh virtual host on the shared broker.
func Broker(tb testing.TB) string {
	tb.Helper()
	return New(tb).URL
}

// New makes a fresh virtual host on the shared broker.
func New(tb testing.TB) *Vhost {
	tb.Helper()
	return newVhost(tb, shared(tb))
}

// address is where a broker is.
type address struct{ amqp, management string }

// shared finds the shared broker, and starts it at most once in a process.
func shared(tb testing.TB) address {
	tb.Helper()
	if urls := os.Getenv(EnvURLs); urls != "" {
		require.NotEmpty(tb, os.Getenv(EnvManagement), "%s needs %s", EnvURLs, EnvManagement)
		return address{urls, os.Getenv(EnvManagement)}
	}
	a, err := startShared()
	require.NoError(tb, err, "start the test broker")
	return a
}

var startShared = sync.OnceValues(func() (address, error) {
	lines, err := run("PENSTOCK_BROKER_CONF=", "up", "test")
	return parseAddress(lines), err
})

func newVhost(tb testing.TB, a address) *Vhost {
	tb.Helper()
	m := newManagement(tb, a.management)
	v := &Vhost{Name: "test-" + uuid.NewString(), Management: a.management, management: m}
	for raw := range strings.SplitSeq(a.amqp, ",") {
		u, err := url.Parse(strings.TrimSpace(raw))
		require.NoError(tb, err)
		u.Path = "/" + v.Name
		v.URLs = append(v.URLs, u.String())
	}
	v.URL = v.URLs[0]
	user := m.user
	if u, err := url.Parse(v.URL); err == nil && u.User != nil {
		user = u.User.Username()
	}
	m.do(tb, http.MethodPut, "/api/vhosts/"+v.Name, nil, nil)
	tb.Cleanup(func() { m.forget("/api/vhosts/" + v.Name) })
	v.permit(tb, user, ".*")
	return v
}

// User makes a user who may read and write everything here, and configure what the
// pattern matches. It returns the URL with which that user logs in.
func (v *Vhost) User(tb testing.TB, configure string) string {
	tb.Helper()
	name, password := "user-"+uuid.NewString(), uuid.NewString()
	v.addUser(tb, name, map[string]string{"password": password, "tags": ""}, configure)
	u, err := url.Parse(v.URL)
	require.NoError(tb, err)
	u.User = url.UserPassword(name, password)
	return u.String()
}

// NamedUser makes a user with a name and a password of the test's choice, who may do
// everything here.
func (v *Vhost) NamedUser(tb testing.TB, name, password string) {
	tb.Helper()
	v.addUser(tb, name, map[string]string{"password": password, "tags": ""}, ".*")
}

// RemoveUser removes a user. RabbitMQ closes the connections of that user.
func (v *Vhost) RemoveUser(tb testing.TB, name string) {
	tb.Helper()
	v.management.do(tb, http.MethodDelete, "/api/users/"+url.PathEscape(name), nil, nil)
}

// ExternalUser makes a user without a password, who can log in by a certificate only,
// and may do everything here.
func (v *Vhost) ExternalUser(tb testing.TB, name string) {
	tb.Helper()
	v.addUser(tb, name, map[string]string{"password_hash": "", "tags": ""}, ".*")
}

func (v *Vhost) addUser(tb testing.TB, name string, user map[string]string, configure string) {
	tb.Helper()
	v.management.do(tb, http.MethodPut, "/api/users/"+url.PathEscape(name), user, nil)
	tb.Cleanup(func() { v.management.forget("/api/users/" + url.PathEscape(name)) })
	v.permit(tb, name, configure)
}

func (v *Vhost) permit(tb testing.TB, user, configure string) {
	tb.Helper()
	permissions := map[string]string{"configure": configure, "write": ".*", "read": ".*"}
	v.management.do(tb, http.MethodPut, "/api/permissions/"+v.Name+"/"+url.PathEscape(user), permissions, nil)
}
