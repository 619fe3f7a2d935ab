//go:build kube

package kube_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/e2e/internal/trial"
)

const (
	release = "penstock"
	target  = "https://penstock-gateway/in/github"

	adapterImage = "registry.k8s.io/prometheus-adapter/prometheus-adapter:v0.12.0"
)

// site is a namespace with an installation.
type site struct {
	namespace string
	traffic   trial.Traffic
	program   string   // Helm
	values    []string // files with the values that all steps share
}

// kubectl runs kubectl in the namespace.
func (s *site) kubectl(t *testing.T, args ...string) string {
	t.Helper()
	return trial.Run(t, 10*time.Minute, "kubectl", append([]string{"--namespace", s.namespace}, args...)...)
}

// helm runs Helm in the namespace.
func (s *site) helm(t *testing.T, args ...string) string {
	t.Helper()
	return trial.Run(t, 15*time.Minute, s.program, append([]string{"--namespace", s.namespace}, args...)...)
}

// upgrade installs the release, or changes it to the values with those of sets, and waits
// until all of it is ready.
func (s *site) upgrade(t *testing.T, sets ...string) {
	t.Helper()
	out, err := s.tryUpgrade(sets...)
	require.NoError(t, err, out)
}

// tryUpgrade is upgrade for one that may be refused.
func (s *site) tryUpgrade(sets ...string) (string, error) {
	args := []string{"upgrade", "--install", release, "charts/penstock", "--wait", "--timeout", "10m"}
	for _, file := range s.values {
		args = append(args, "--values", "e2e/kube/manifests/"+file)
	}
	for _, set := range append([]string{"image.registry=" + strings.TrimSuffix(os.Getenv("E2E_REGISTRY"), "/")}, sets...) {
		args = append(args, "--set", set)
	}
	return trial.Try(15*time.Minute, s.program, append([]string{"--namespace", s.namespace}, args...)...)
}

// apply applies a manifest of the tests.
func (s *site) apply(t *testing.T, name string) {
	t.Helper()
	s.applyTo(t, s.namespace, name)
}

// applyTo applies a manifest to another namespace.
func (s *site) applyTo(t *testing.T, namespace, name string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("manifests", name))
	require.NoError(t, err)
	registry := os.Getenv("E2E_REGISTRY")
	if registry != "" && !strings.HasSuffix(registry, "/") {
		registry += "/"
	}
	file := filepath.Join(t.TempDir(), name)
	changed := strings.NewReplacer("${REGISTRY}", registry, "${NAMESPACE}", s.namespace).Replace(string(text))
	require.NoError(t, os.WriteFile(file, []byte(changed), 0o600))
	trial.Run(t, time.Minute, "kubectl", "--namespace", namespace, "apply", "--filename", file)
}

// helms returns the Helm programs to test with.
func helms(t *testing.T) []string {
	t.Helper()
	programs := strings.Fields(os.Getenv("HELM"))
	require.NotEmpty(t, programs, "HELM names no program: run make e2e-kube")
	return programs
}

// setup makes the namespace, the broker and the traffic, and removes them in the end.
func setup(t *testing.T, namespace, program string) *site {
	t.Helper()
	s := &site{namespace: namespace, program: program, values: []string{"values.yaml"}}
	images(t)
	trial.Run(t, time.Minute, "kubectl", "create", "namespace", s.namespace)
	t.Cleanup(func() {
		if t.Failed() {
			s.explain(t)
		}
		trial.Run(t, 5*time.Minute, "kubectl", "delete", "namespace", s.namespace, "--wait")
	})
	s.secrets(t)
	s.apply(t, "rabbitmq.yaml")
	s.apply(t, "traffic.yaml")
	s.kubectl(t, "rollout", "status", "statefulset/rabbitmq", "--timeout=5m")
	s.kubectl(t, "rollout", "status", "deployment/traffic", "--timeout=5m")
	s.traffic = trial.Traffic{Ask: func(path string) ([]byte, error) {
		address := "/api/v1/namespaces/" + s.namespace + "/services/traffic:8099/proxy" + path
		out, err := trial.Try(2*time.Minute, "kubectl", "get", "--raw", address)
		return []byte(out), err
	}}
	return s
}

// images builds the images and brings them into the cluster.
func images(t *testing.T) {
	t.Helper()
	registry := os.Getenv("E2E_REGISTRY")
	if registry != "" && !strings.HasSuffix(registry, "/") {
		registry += "/"
	}
	var loaded []string
	for _, image := range []string{"rabbitmq:4.3-management", "prom/prometheus:v3.5.0", adapterImage} {
		if _, err := trial.Try(time.Minute, "docker", "image", "inspect", image); err == nil {
			loaded = append(loaded, image) // else the cluster pulls it
		}
	}
	for _, version := range []string{"e2e", "next"} { // the version is in the program, so the images differ
		for image, folder := range map[string]string{"gateway": "gateway", "worker": "worker", "traffic": "e2e/traffic"} {
			name := registry + "penstock/" + image + ":" + version
			trial.Run(t, 30*time.Minute, "docker", "build", "--quiet", "--file", folder+"/Dockerfile", "--build-arg", "VERSION="+version, "--tag", name, ".")
			loaded = append(loaded, name)
		}
	}
	if load := strings.Fields(os.Getenv("LOAD_IMAGES")); len(load) > 0 {
		trial.Run(t, 10*time.Minute, load[0], append(load[1:], loaded...)...)
	}
}

// secrets makes every Secret that the installation names.
func (s *site) secrets(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	trial.Run(t, time.Minute, "compose/new-secrets", folder)
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		return strings.TrimSpace(string(text))
	}
	for _, role := range []string{"gateway", "deliverer", "tracker", "topology"} {
		s.kubectl(t, "create", "secret", "generic", "broker-"+role, "--type", "kubernetes.io/basic-auth",
			"--from-literal=username="+role, "--from-literal=password="+password)
	}
	monitor, err := url.Parse(read("operator/broker-monitor"))
	require.NoError(t, err)
	plain, _ := monitor.User.Password() // what KEDA makes of it is its own
	s.kubectl(t, "create", "secret", "generic", "broker-monitor", "--type", "kubernetes.io/basic-auth",
		"--from-literal=username=monitor", "--from-literal=password="+plain)
	s.kubectl(t, "create", "secret", "generic", "rabbitmq-definitions", "--from-literal=definitions.json="+withPassword(t, read("rabbitmq/broker-definitions")))
	s.kubectl(t, "create", "secret", "generic", "sources", "--from-literal=GITHUB_WEBHOOK_SECRET="+read("gateway/github"))
	s.kubectl(t, "create", "secret", "generic", "tokens", "--from-file=tokens.yaml="+filepath.Join(folder, "tracker", "tokens"))
	s.kubectl(t, "create", "secret", "generic", "token", "--from-literal=token="+read("operator/api-token"))
}

// password is the one of every process at the broker: each of its characters once broke a URL.
const password = `p@ss/w:r#d?1%2F&"'$(X) ü`

var passwordHash = regexp.MustCompile(`("name":"(?:gateway|deliverer|tracker|topology)","password_hash":)"[^"]*"`)

// withPassword gives the users of the processes in the definitions the password. RabbitMQ keeps a salt of
// four bytes, and the SHA-256 of salt and password.
func withPassword(t *testing.T, definitions string) string {
	t.Helper()
	const salt = "salt"
	sum := sha256.Sum256([]byte(salt + password))
	hash := base64.StdEncoding.EncodeToString(append([]byte(salt), sum[:]...))
	require.Len(t, passwordHash.FindAllString(definitions, -1), 4)
	return passwordHash.ReplaceAllString(definitions, `${1}"`+hash+`"`)
}

// explain prints what helps to understand a failure.
func (s *site) explain(t *testing.T) {
	t.Helper()
	for _, args := range [][]string{
		{"get", "pods,hpa,jobs", "-o", "wide"},
		{"get", "events", "--sort-by=.lastTimestamp"},
		{"logs", "--selector=app.kubernetes.io/instance=" + release, "--all-containers", "--prefix", "--tail=20"},
	} {
		out, _ := trial.Try(time.Minute, "kubectl", append([]string{"--namespace", s.namespace}, args...)...)
		if lines := strings.Split(out, "\n"); len(lines) > 120 {
			out = strings.Join(lines[len(lines)-120:], "\n")
		}
		t.Logf("kubectl %s\n%s", strings.Join(args, " "), out)
	}
}

// served reports whether the cluster serves an API, as metrics-server or KEDA bring it.
func served(path string) bool {
	_, err := trial.Try(time.Minute, "kubectl", "get", "--raw", path)
	return err == nil
}

// eventually waits for what a cluster takes its time for.
func eventually(t *testing.T, patience time.Duration, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			require.Failf(t, "not within "+patience.String(), "%s", what)
		}
	}
}
