//go:build browser

package browser_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"
)

// secret is that of every source of the stage.
const secret = "whsec_browser"

const forgery = `{"id":"evt_forged","type":"invoice.paid"}`

// refuse runs a real gateway, sends it what it has to refuse, and stops it, upon which it
// has told the tracker everything.
func (s *stage) refuse() {
	address, admin := free(s), free(s)
	cmd := exec.CommandContext(s.ctx, s.gateway())
	cmd.Env = append(os.Environ(), "S="+secret, "PENSTOCK_CONFIG="+s.file, "PENSTOCK_AMQP_URLS="+s.broker, "PENSTOCK_TLS_MODE=off",
		"PENSTOCK_LISTEN="+address, "PENSTOCK_ADMIN_LISTEN="+admin, "PENSTOCK_DRAIN_DELAY=0s", "PENSTOCK_ARCHIVE_MAX_BYTES="+archived)
	log, err := os.Create(filepath.Join(s.t.TempDir(), "gateway.log"))
	require.NoError(s.t, err)
	cmd.Stdout, cmd.Stderr = log, log
	require.NoError(s.t, cmd.Start())
	s.t.Cleanup(func() {
		if text, err := os.ReadFile(log.Name()); err == nil && s.t.Failed() {
			s.t.Logf("the gateway: %s", text)
		}
		_ = log.Close()
	})
	s.ready(admin)
	for _, forged := range []string{
		"", "nonsense", stripe("wrong", time.Now()), stripe("wrong", time.Now()), stripe("wrong", time.Now()), stripe(secret, time.Now().Add(-time.Hour)),
	} {
		s.forge("http://"+address+"/in/stripe", "Stripe-Signature", forged)
		s.forge("http://"+address+"/in/github", "X-Hub-Signature-256", "sha256="+strings.Repeat("0", 64))
	}
	require.NoError(s.t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(s.t, cmd.Wait())
}

func (s *stage) gateway() string {
	path := filepath.Join(s.t.TempDir(), "gateway")
	out, err := exec.CommandContext(s.ctx, "go", "build", "-o", path, "../../../../gateway").CombinedOutput()
	require.NoError(s.t, err, "%s", out)
	return path
}

// stripe signs as Stripe does: https://docs.stripe.com/webhooks#verify-manually.
func stripe(secret string, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = fmt.Fprintf(mac, "%d.%s", at.Unix(), forgery)
	return fmt.Sprintf("t=%d,v1=%x", at.Unix(), mac.Sum(nil))
}

func (s *stage) forge(url, field, value string) {
	r, err := http.NewRequestWithContext(s.ctx, http.MethodPost, url, strings.NewReader(forgery))
	require.NoError(s.t, err)
	if value != "" {
		r.Header.Set(field, value)
	}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(s.t, err)
	defer answer.Body.Close()
	require.GreaterOrEqual(s.t, answer.StatusCode, 400)
}

func free(s *stage) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(s.t, err)
	defer l.Close()
	return l.Addr().String()
}
