package doctor_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/cli/internal/doctor"
	"github.com/penstock/penstock/pkg/trackerclient"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// found runs one of the checks of an installation.
func found(t *testing.T, i *doctor.Installation, check string) []doctor.Finding {
	t.Helper()
	if i.Now == nil {
		i.Now = time.Now
	}
	for _, c := range i.Checks() {
		if c.Name == check {
			return doctor.Run(t.Context(), []doctor.Check{c}, 30*time.Second, nil)
		}
	}
	t.Fatal("there is no check " + check)
	return nil
}

// statuses are those of findings, in order.
func statuses(findings []doctor.Finding) (list []doctor.Status) {
	for _, f := range findings {
		list = append(list, f.Status)
	}
	return list
}

// at is a server that says it is some time from now.
func at(t *testing.T, off time.Duration, body string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s
}

func TestAClockThatDiffersIsFound(t *testing.T) {
	t.Parallel()
	for off, want := range map[time.Duration]doctor.Status{
		0: doctor.OK, -30 * time.Second: doctor.Warning, 30 * time.Second: doctor.Warning, -time.Hour: doctor.Error, time.Hour: doctor.Error,
	} {
		i := &doctor.Installation{Gateway: at(t, off, "").URL}
		require.Equal(t, []doctor.Status{doctor.OK, want}, statuses(found(t, i, "gateway")), off)
	}
}

func TestACertificateThatEndsSoonIsFound(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	file := certificate(t, start, start.AddDate(0, 0, 90))
	for day, want := range map[int]doctor.Status{
		-1: doctor.Error, 1: doctor.OK, 68: doctor.OK, 70: doctor.Warning, 88: doctor.Error, 91: doctor.Error,
	} {
		i := &doctor.Installation{Certificates: []string{file}, Now: func() time.Time { return start.AddDate(0, 0, day) }}
		require.Equal(t, []doctor.Status{want}, statuses(found(t, i, "certificates")), day)
	}
	empty := filepath.Join(t.TempDir(), "empty.pem")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	i := &doctor.Installation{Certificates: []string{empty, "missing.pem"}}
	require.Equal(t, []doctor.Status{doctor.Error, doctor.Error}, statuses(found(t, i, "certificates")))
}

// certificate writes one that is valid between two moments.
func certificate(t *testing.T, from, to time.Time) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: to}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "cert.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return file
}

func TestACertificateThatIsNotTrustedIsAWarning(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	findings := found(t, &doctor.Installation{Gateway: server.URL}, "gateway")
	require.Equal(t, []doctor.Status{doctor.Warning, doctor.OK, doctor.OK, doctor.OK}, statuses(findings))
	require.Contains(t, findings[0].Text, "not trusted")
	require.Contains(t, findings[2].Text, "valid until")
}

func TestWhatATrackerSaysOfTheToken(t *testing.T) {
	t.Parallel()
	answers := func(status int, body string) *doctor.Installation {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if body != "" {
				w.Header().Set("Content-Type", "application/json")
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(server.Close)
		client, err := trackerclient.Connect(server.URL, "", trackerclient.WithHTTPClient(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}))
		require.NoError(t, err)
		return &doctor.Installation{Tracker: client, TrackerURL: server.URL, TrackerNamed: true}
	}
	good := found(t, answers(http.StatusOK, `{"name":"ops","scopes":["read","write"]}`), "tracker")
	require.Equal(t, doctor.OK, good[0].Status)
	require.Contains(t, good[0].Text, "the token of ops may read and write")
	for status, want := range map[int]string{
		http.StatusUnauthorized: "does not accept the token", http.StatusForbidden: "lacks the scope read",
		http.StatusServiceUnavailable: "not ready", http.StatusNotFound: "is no tracker",
	} {
		bad := found(t, answers(status, ""), "tracker")
		require.Equal(t, doctor.Error, bad[0].Status)
		require.Contains(t, bad[0].Text, want)
		require.NotEmpty(t, bad[0].Remedy)
	}
}

func TestACheckEndsWithItsTime(t *testing.T) {
	t.Parallel()
	stuck := doctor.Check{Name: "stuck", Look: func(ctx context.Context) []doctor.Finding {
		<-ctx.Done()
		return []doctor.Finding{{Status: doctor.Error, Text: "late"}}
	}}
	steps := 0
	findings := doctor.Run(t.Context(), []doctor.Check{stuck, stuck}, time.Millisecond, func(int) { steps++ })
	require.Equal(t, 2, steps)
	require.Equal(t, "stuck", findings[1].Check)
}
