package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// incidentOf waits for an unresolved incident of a kind.
func (s *stack) incidentOf(t *tracker, kind string) (found foundIncident) {
	s.t.Helper()
	s.awaitIncidents(t, 90*time.Second, func(all []foundIncident) bool {
		for _, i := range all {
			if i.Kind == kind {
				found = i
				return true
			}
		}
		return false
	})
	return found
}

// awaitResolved waits until an incident is resolved, and by itself.
func (s *stack) awaitResolved(t *tracker, id string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		for _, i := range s.openIncidents(t, "--state", "resolved") {
			if i.ID == id {
				return true
			}
		}
		return false
	}, 2*time.Minute, 500*time.Millisecond, "it stays open")
	require.Contains(s.t, s.penstock(t.operator(), "incidents", "show", id), "resolved")
}

// acceptAtTime publishes an event to the archive that was accepted at a time, as a gateway with that clock
// does, and to the queues of its routes.
func (s *stack) acceptAtTime(p *amqpx.Publisher, at time.Time, routes ...string) string {
	s.t.Helper()
	e := &event.Event{
		ID: event.NewID(), Source: "github", Type: "push", ReceivedAt: at,
		Request: event.Request{Method: http.MethodPost, Path: "/in/github"}, Body: []byte("{}"),
	}
	m, err := event.Encode(e)
	require.NoError(s.t, err)
	for _, route := range routes {
		require.NoError(s.t, p.Publish(s.t.Context(), amqpx.Publication{Exchange: topology.Routes, Key: topology.RouteQueue(route), Message: m}))
	}
	m.Headers[event.HeaderRoutes] = strings.Join(routes, ",")
	require.NoError(s.t, p.Publish(s.t.Context(), amqpx.Publication{Exchange: topology.Routes, Key: topology.Archive, Message: m}))
	return e.ID
}

func TestASourceThatFallsSilentIsAnIncidentUntilItSends(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	s.startDeliverer()
	tracker, sender := s.startTracker(), s.reporter()
	for n := range 20 { // every half an hour, until three hours ago
		s.acceptAtTime(sender, time.Now().Add(-3*time.Hour-time.Duration(n)*30*time.Minute))
	}
	found := s.incidentOf(tracker, "silent-source")
	require.Equal(t, "github", found.Source)
	s.accept(newGithubEvent(1))
	s.awaitResolved(tracker, found.ID)
}

func TestAnEventThatWaitsForTooLongIsAnIncidentUntilItIsTried(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	tracker, sender := s.startTracker(), s.reporter()
	id := s.acceptAtTime(sender, time.Now().Add(-15*time.Minute), "everything")
	found := s.incidentOf(tracker, "backlog-age")
	require.Equal(t, "everything", found.Route)
	s.startDeliverer()
	s.receiver.await(id, 1)
	s.awaitResolved(tracker, found.ID)
}

func TestATypeThatNoRouteTakesIsAnIncidentUntilOneDoes(t *testing.T) {
	t.Parallel()
	s := setup(t, strings.ReplaceAll(plain, "from: [github],", "from: [github], types: [push],"))
	gateway := s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	s.receiver.await(s.accept(newGithubEvent(1)), 1)
	fork := newGithubEvent(2)
	fork.kind = "fork"
	s.accept(fork)
	found := s.incidentOf(tracker, "unrouted-type")
	require.Contains(t, s.penstock(tracker.operator(), "incidents", "show", found.ID), `new type "fork"`)
	s.configure(plain)
	require.Eventually(t, func() bool { return strings.Count(gateway.log.String(), "configuration in force") == 2 }, 60*time.Second, 100*time.Millisecond)
	again := newGithubEvent(3)
	again.kind = "fork"
	s.receiver.await(s.accept(again), 1)
	s.awaitResolved(tracker, found.ID)
}

func TestARuleThatFailsIsAnIncidentWithItsTextUntilEventsPass(t *testing.T) {
	t.Parallel()
	s := setup(t, strings.ReplaceAll(plain, "to: receiver,", "to: receiver, filter: 'int(body.n) > 0',"))
	s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	broken := newGithubEvent(1)
	broken.body = `{"n":"many"}`
	s.accept(broken)
	found := s.incidentOf(tracker, "rule-failing")
	require.Equal(t, "everything", found.Route)
	require.NotEmpty(t, found.Shape, "the error's text is missing")
	require.NotContains(t, found.Shape, "many", "nothing of a payload")
	s.receiver.await(s.accept(newGithubEvent(2)), 1)
	s.penstock(tracker.operator(), "incidents", "discard", found.ID, "--yes")
	s.awaitResolved(tracker, found.ID)
}

func TestEventsThatAreGoneFromTheBrokerAreAnIncidentUntilTheyAreReplayed(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	tracker := s.startTracker()
	require.Eventually(t, func() bool { return tracker.ledger().Known }, 60*time.Second, 100*time.Millisecond)
	id := s.accept(newGithubEvent(1))
	ch := s.operator().channel()
	require.Eventually(t, func() bool {
		n, err := ch.QueuePurge(topology.RouteQueue("everything"), false)
		return err == nil && n == 1
	}, 30*time.Second, 50*time.Millisecond)
	found := s.incidentOf(tracker, "unaccounted")
	require.Equal(t, "everything", found.Route)
	s.startDeliverer()
	s.penstock(tracker.operator(), "events", "replay", id)
	s.receiver.await(id, 1)
	s.awaitResolved(tracker, found.ID)
}

func TestARefusedConfigurationSaysWhyInTheTerminalAndOnTheConsole(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	tracker := s.startTracker()
	require.Eventually(t, tracker.active, 30*time.Second, 50*time.Millisecond)
	s.configure(plain + "destinatoins: {}\n")
	found := s.incidentOf(tracker, "config-refused")
	require.Contains(t, s.penstock(tracker.operator(), "incidents", "show", found.ID), "destinatoins")
	require.Contains(t, s.penstock(tracker.operator(), "incidents", "list"), "destinatoins")
	for _, path := range []string{"/incidents", "/incidents/" + found.ID} {
		_, page := tracker.openConsole(t, path, nil)
		require.Contains(t, page, "destinatoins", path)
	}
	s.configure(plain)
	s.awaitResolved(tracker, found.ID)
}

// newCertificate makes one of its own authority for 127.0.0.1, which ends after a time.
func newCertificate(t *testing.T, life time.Duration) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "receiver"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-90 * 24 * time.Hour), NotAfter: time.Now().Add(life), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// A deliverer sees the certificate of a destination in each attempt.
func TestTheCertificateOfADestinationNearItsEndIsAnIncidentUntilItIsRenewed(t *testing.T) {
	t.Parallel()
	var shown atomic.Pointer[tls.Certificate]
	old, renewed := newCertificate(t, 3*24*time.Hour), newCertificate(t, 60*24*time.Hour)
	shown.Store(old)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return &tls.Config{SessionTicketsDisabled: true, Certificates: []tls.Certificate{*shown.Load()}, MinVersion: tls.VersionTLS12}, nil
	}}
	server.StartTLS()
	t.Cleanup(server.Close)
	authorities := filepath.Join(t.TempDir(), "ca.pem")
	var both []byte
	for _, c := range []*tls.Certificate{old, renewed} {
		both = append(both, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})...)
	}
	require.NoError(t, os.WriteFile(authorities, both, 0o600))
	s := setup(t, strings.ReplaceAll(plain, `url: "RECEIVER"`, `url: "`+server.URL+`", caFile: `+authorities))
	s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	s.accept(newGithubEvent(1))
	found := s.incidentOf(tracker, "certificate-expires")
	require.Contains(t, s.penstock(tracker.operator(), "incidents", "show", found.ID), "the server of destination receiver")
	require.Len(t, s.openIncidents(tracker), 1, "the authority that is renewed already is fine")
	shown.Store(renewed)
	server.CloseClientConnections()
	n := 1
	require.Eventually(t, func() bool { // each attempt shows the certificate of its connection
		n++
		s.accept(newGithubEvent(n))
		return len(s.openIncidents(tracker)) == 0
	}, 2*time.Minute, time.Second)
	s.awaitResolved(tracker, found.ID)
}

// Without the broker nothing new is known: no incident is made up, none ends, and all goes on after it.
func TestAnOutageOfTheBrokerNeitherMakesNorEndsAnIncident(t *testing.T) {
	t.Parallel()
	destination := newRefusing(t)
	broker, url := startNode(t, "incidents")
	s := setupOn(t, strings.ReplaceAll(plain, "RECEIVER", destination.server.URL), url)
	s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	s.accept(newGithubEvent(1))
	found := s.incidentOf(tracker, "delivery-failing")
	broker.run("kill")
	require.Eventually(t, func() bool { return s.post(newGithubEvent(2)).status == http.StatusServiceUnavailable }, 30*time.Second, 100*time.Millisecond)
	for ends := time.Now().Add(15 * time.Second); time.Now().Before(ends); <-time.After(time.Second) {
		all := s.openIncidents(tracker)
		require.Len(t, all, 1)
		require.Equal(t, found.ID, all[0].ID)
	}
	broker.run("up")
	destination.mended.Store(true)
	require.Eventually(t, func() bool { return s.post(newGithubEvent(3)).status < http.StatusMultipleChoices }, 60*time.Second, 100*time.Millisecond)
	s.penstock(tracker.operator(), "incidents", "replay", found.ID)
	s.awaitResolved(tracker, found.ID)
}
