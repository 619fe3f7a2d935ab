//go:build chart

package charts_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

// workload is a Deployment, a StatefulSet or a Job.
type workload struct {
	Kind     string
	Metadata struct {
		Name   string
		Labels map[string]string
	}
	Spec struct {
		Template struct {
			Metadata struct{ Labels map[string]string }
			Spec     pod
		}
	}
}

// pod is what the tests look at in one.
type pod struct {
	ServiceAccountName string         `yaml:"serviceAccountName"`
	SecurityContext    map[string]any `yaml:"securityContext"`
	Volumes            []struct{ Name string }
}

// workloads returns what runs pods, by name.
func workloads(t *testing.T, values string, more ...string) map[string]workload {
	t.Helper()
	got, said, err := templateAs(t, helms(t)[0], "penstock", values, more...)
	require.NoError(t, err, said)
	all := map[string]workload{}
	for document := range strings.SplitSeq(got, "\n---\n") {
		var one workload
		require.NoError(t, yaml.Unmarshal([]byte(document), &one))
		if one.Spec.Template.Spec.ServiceAccountName != "" {
			all[one.Metadata.Name] = one
		}
	}
	require.GreaterOrEqual(t, len(all), 4)
	return all
}

func TestEveryProcessHasAnAccountOfItsOwn(t *testing.T) {
	t.Parallel()
	accounts := map[string]bool{}
	for name, w := range workloads(t, "testdata/renders/defaults.yaml") {
		if w.Kind != "Job" {
			require.Equal(t, name, w.Spec.Template.Spec.ServiceAccountName)
			require.False(t, accounts[name])
			accounts[name] = true
		}
	}
	upgrade := workloads(t, "testdata/renders/defaults.yaml", "--is-upgrade")
	require.Equal(t, "default", upgrade["penstock-topology-upgrade"].Spec.Template.Spec.ServiceAccountName, "a new account may not be there yet")
}

func TestOpenShiftChoosesTheUserOfEveryPod(t *testing.T) {
	t.Parallel()
	for name, w := range workloads(t, "testdata/real/openshift.yaml") {
		for _, key := range []string{"runAsUser", "runAsGroup", "fsGroup"} {
			require.Nil(t, w.Spec.Template.Spec.SecurityContext[key], "%s: %s", name, key)
		}
		require.Equal(t, true, w.Spec.Template.Spec.SecurityContext["runAsNonRoot"], name)
	}
}

func TestCommonLabelsAreOnEveryObjectAndPod(t *testing.T) {
	t.Parallel()
	for name, w := range workloads(t, "testdata/real/argo-cd.yaml") {
		require.True(t, strings.HasPrefix(name, "webhooks-"), name)
		require.Equal(t, "payments", w.Metadata.Labels["team"], name)
		require.Equal(t, "payments", w.Spec.Template.Metadata.Labels["team"], name)
	}
}

func TestAPasswordFromElsewhereTakesThePlaceOfTheSecretInEveryPod(t *testing.T) {
	t.Parallel()
	for _, values := range []string{"csi-secrets", "managed-rabbitmq", "azure-workload-identity"} {
		for name, w := range workloads(t, "testdata/real/"+values+".yaml") {
			for _, volume := range w.Spec.Template.Spec.Volumes {
				require.NotEqual(t, "broker-user", volume.Name, "%s: %s", values, name)
			}
		}
	}
}

// TestAllowedNetworksBehindAProxyAreWarnedAbout reads what Helm prints after an installation.
// Helm 3 prints it for a cluster alone.
func TestAllowedNetworksBehindAProxyAreWarnedAbout(t *testing.T) {
	t.Parallel()
	const source = "config: {sources: {a: {open: true, allowCIDRs: [198.51.100.0/24]}}, destinations: {d: {url: 'http://d/'}}, routes: {r: {from: [a], to: d}}}\n"
	for values, warned := range map[string]bool{
		"gateway: {tls: {mode: 'off'}}": true,
		"gateway: {tls: {mode: 'off'}, clientAddress: {header: X-Real-IP, trustedProxies: [10.0.0.0/8]}}": false,
		"gateway: {tls: {mode: 'off'}, proxyProtocol: {enabled: true, trustedProxies: [10.0.0.0/8]}}":     false,
		"gateway: {tls: {mode: selfSigned}}": false,
	} {
		programs := helms(t)
		said := notes(t, programs[len(programs)-1], source+values)
		require.Equal(t, warned, strings.Contains(said, "allowCIDRs of the source a"), values)
	}
}

// notes returns what Helm would print after an installation.
func notes(t *testing.T, helm, values string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "values.yaml")
	require.NoError(t, os.WriteFile(file, []byte(values), 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, helm, "install", "penstock", "penstock", "--dry-run=client", "--values", file)
	command.Env = append(os.Environ(), "KUBECONFIG="+os.DevNull)
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	_, text, found := strings.Cut(string(out), "NOTES:")
	require.True(t, found)
	return text
}
