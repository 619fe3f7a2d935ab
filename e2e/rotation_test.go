package e2e

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// replace writes a file as a mounted secret is replaced: in one step.
func replace(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path+".new", []byte(content), 0o600))
	require.NoError(t, os.Rename(path+".new", path))
}

func TestTheBrokersUserIsRotatedWithoutARestart(t *testing.T) {
	t.Parallel()
	v := amqptest.New(t)
	address, err := url.Parse(v.URL)
	require.NoError(t, err)
	address.User = nil
	s := setupOn(t, plain, address.String())
	folder := t.TempDir()
	s.env["PENSTOCK_AMQP_USERNAME_FILE"] = filepath.Join(folder, "username")
	s.env["PENSTOCK_AMQP_PASSWORD_FILE"] = filepath.Join(folder, "password")
	addUser := func() string {
		name, password := "user-"+uuid.NewString(), `p@s/s:1#%?,&="`+uuid.NewString()
		v.NamedUser(t, name, password)
		replace(t, s.env["PENSTOCK_AMQP_PASSWORD_FILE"], password+"\n")
		replace(t, s.env["PENSTOCK_AMQP_USERNAME_FILE"], name+"\n")
		return name
	}
	first := addUser()
	s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	s.receiver.await(s.accept(newGithubEvent(1)), 1)

	addUser()
	v.RemoveUser(t, first)
	var id string
	require.Eventually(t, func() bool {
		a := s.post(newGithubEvent(2))
		id = a.eventID()
		return a.status == http.StatusOK
	}, 60*time.Second, 200*time.Millisecond, "the gateway does not log in as the new user")
	s.receiver.await(id, 1)
	tracker.awaitClosed(2)
}

func TestADestinationsAuthoritiesAreRotatedWithoutARestart(t *testing.T) {
	t.Parallel()
	old, next := amqptest.NewAuthority(t), amqptest.NewAuthority(t)
	s := setup(t, plain)
	var shown atomic.Pointer[tls.Certificate]
	show := func(a *amqptest.Authority) {
		pair, err := tls.LoadX509KeyPair(a.Issue(t, "receiver"))
		require.NoError(t, err)
		shown.Store(&pair)
	}
	show(old)
	server := httptest.NewUnstartedServer(http.HandlerFunc(s.receiver.serve))
	server.TLS = &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return shown.Load(), nil },
	}
	server.StartTLS()
	t.Cleanup(server.Close)

	caFile := filepath.Join(t.TempDir(), "ca.pem")
	copyFile := func(from string) {
		data, err := os.ReadFile(from)
		require.NoError(t, err)
		replace(t, caFile, string(data))
	}
	copyFile(old.File)
	s.configure(strings.Replace(plain, `"RECEIVER"`, `"`+strings.Replace(server.URL, "127.0.0.1", "localhost", 1)+`", caFile: "`+caFile+`"`, 1))
	s.startGateway()
	s.startDeliverer()
	s.receiver.await(s.accept(newGithubEvent(1)), 1)

	show(next)
	copyFile(next.File)
	server.CloseClientConnections()
	s.receiver.await(s.accept(newGithubEvent(2)), 1)
}
