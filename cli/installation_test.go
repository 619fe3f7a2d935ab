package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// TestInstallationScripts runs the commands that ask a tracker against a real one, with a
// real deliverer and broker, see testdata/installation.
func TestInstallationScripts(t *testing.T) {
	t.Parallel()
	worker := filepath.Join(t.TempDir(), "worker")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", worker, "../worker").CombinedOutput()
	require.NoError(t, err, "%s", out)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/installation",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await": await, "until": until, "send": send,
			"mend": func(ts *testscript.TestScript, _ bool, _ []string) { of(ts).mended.Store(true) },
		},
		Setup: func(e *testscript.Env) error {
			i := &installation{broker: amqptest.New(t).URL, worker: worker}
			e.Values[key{}] = i
			return i.setup(e)
		},
	})
}

// installation is a deliverer and a tracker that run while a script does, with a virtual
// host of their own.
type installation struct {
	broker, worker string
	mended         atomic.Bool // the receiver takes what it refused before
}

// of returns the script's installation.
func of(ts *testscript.TestScript) *installation {
	i, ok := ts.Value(key{}).(*installation)
	if !ok {
		ts.Fatalf("the script has no installation")
	}
	return i
}

// key is where a script's installation is kept.
type key struct{}

const installed = `
sources:
  shop: {open: true, scheme: {alg: none}}
destinations:
  billing: {url: "RECEIVER", concurrency: 4}
routes:
  billing: {from: [shop], types: ["order.#"], to: billing}
`

func (i *installation) setup(e *testscript.Env) error {
	receiver := httptest.NewServer(http.HandlerFunc(i.receive))
	e.Defer(receiver.Close)
	hash := sha256.Sum256([]byte("t0ken"))
	files := map[string]string{
		"penstock.yaml": strings.ReplaceAll(installed, "RECEIVER", receiver.URL),
		"tokens.yaml":   "tokens:\n  - {name: ops, sha256: " + hex.EncodeToString(hash[:]) + ", scopes: [read, write]}\n",
		"token":         "t0ken\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(e.WorkDir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	api, err := freeAddress()
	if err != nil {
		return err
	}
	e.Setenv("NO_COLOR", "1")
	e.Setenv("PENSTOCK_API_URL", "http://"+api)
	e.Setenv("PENSTOCK_API_TOKEN_FILE", filepath.Join(e.WorkDir, "token"))
	if err := i.start(e, "deliver"); err != nil {
		return err
	}
	return i.start(e, "track", "PENSTOCK_LISTEN="+api, "PENSTOCK_STORE_URL=sqlite:"+filepath.Join(e.WorkDir, "store.db"),
		"PENSTOCK_API_TOKENS_FILE="+filepath.Join(e.WorkDir, "tokens.yaml"))
}

// receive refuses for good what is named so, until it is mended.
func (i *installation) receive(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.Header.Get("Penstock-Event-Type"), "refused") && !i.mended.Load() {
		w.WriteHeader(http.StatusUnprocessableEntity)
	}
}

// start starts a role of the worker, waits until it is ready, and stops it when the script
// has ended.
func (i *installation) start(e *testscript.Env, role string, more ...string) error {
	admin, err := freeAddress()
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(e.WorkDir, role+".log"))
	if err != nil {
		return err
	}
	cmd := exec.Command(i.worker, role)
	cmd.Env = append([]string{
		"PENSTOCK_CONFIG=" + filepath.Join(e.WorkDir, "penstock.yaml"), "PENSTOCK_AMQP_URLS=" + i.broker,
		"PENSTOCK_ADMIN_LISTEN=" + admin, "PENSTOCK_DRAIN_DELAY=0s",
	}, more...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	e.Defer(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		_ = log.Close()
	})
	return ready("http://"+admin+"/readyz", log.Name())
}

func ready(url, log string) error {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-time.After(50 * time.Millisecond) {
		if answer, err := http.Get(url); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
	}
	text, _ := os.ReadFile(log)
	return fmt.Errorf("not ready within a minute: %s", text)
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
