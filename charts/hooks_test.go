//go:build chart

package charts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

// object is a ConfigMap, a Job or a workload.
type object struct {
	Kind     string
	Metadata struct {
		Name        string
		Annotations map[string]string
	}
	Data map[string]string
	Spec struct {
		Template struct {
			Metadata struct{ Annotations map[string]string }
			Spec     struct {
				Containers []container
				Volumes    []struct {
					ConfigMap struct{ Name string } `yaml:"configMap"`
				}
			}
		}
	}
}

// container is one of a pod.
type container struct {
	Name, Image  string
	Args         []string
	Env          []setting
	EnvFrom      []any `yaml:"envFrom"`
	VolumeMounts []any `yaml:"volumeMounts"`
}

// setting is a variable of a container's environment.
type setting struct {
	Name, Value string
	ValueFrom   any `yaml:"valueFrom"`
}

// hooked renders values as an upgrade or an installation, and returns the objects by kind
// and name.
func hooked(t *testing.T, values string, more ...string) map[string]object {
	t.Helper()
	file := filepath.Join(t.TempDir(), "values.yaml")
	require.NoError(t, os.WriteFile(file, []byte(values), 0o600))
	got, said, err := templateAs(t, helms(t)[0], "penstock", file, more...)
	require.NoError(t, err, said)
	all := map[string]object{}
	for document := range strings.SplitSeq(got, "\n---\n") {
		var one object
		require.NoError(t, yaml.Unmarshal([]byte(document), &one))
		all[one.Kind+" "+one.Metadata.Name] = one
	}
	return all
}

const (
	when     = "helm.sh/hook"
	nextName = "penstock-next-config"
)

func TestAnUpgradeChecksAndDeclaresBeforeItChangesAnything(t *testing.T) {
	t.Parallel()
	install, upgrade := hooked(t, "{}"), hooked(t, "{}", "--is-upgrade")
	for _, objects := range []map[string]object{install, upgrade} {
		require.Equal(t, "pre-install,pre-upgrade", objects["Job penstock-check"].Metadata.Annotations[when])
		require.Equal(t, "pre-install,pre-upgrade", objects["ConfigMap "+nextName].Metadata.Annotations[when])
	}
	require.Empty(t, install["Job penstock-topology"].Metadata.Annotations[when], "the broker may come with the chart")
	job := upgrade["Job penstock-topology-upgrade"]
	require.Equal(t, "pre-install,pre-upgrade", job.Metadata.Annotations[when])
	require.Equal(t, nextName, job.Spec.Template.Spec.Volumes[0].ConfigMap.Name, "the release still has the old one")
	require.NotContains(t, upgrade, "Job penstock-topology")

	shared := hooked(t, "existingConfigMap: mine\nworkers: [{name: default, routes: [a]}]", "--is-upgrade")
	require.NotContains(t, shared, "ConfigMap "+nextName)
	for _, name := range []string{"Job penstock-check", "Job penstock-topology-upgrade"} {
		require.Equal(t, "mine", shared[name].Spec.Template.Spec.Volumes[0].ConfigMap.Name)
	}
}

func TestANewConfigurationRollsThePods(t *testing.T) {
	t.Parallel()
	sum := func(values, workload string) string {
		return hooked(t, values)["Deployment "+workload].Spec.Template.Metadata.Annotations["checksum/config"]
	}
	for _, workload := range []string{"penstock-gateway", "penstock-deliverer-default", "penstock-tracker"} {
		before := sum("{}", workload)
		require.NotEmpty(t, before)
		require.Equal(t, before, sum("{}", workload))
		require.NotEqual(t, before, sum("config: {sources: {open: {open: true}}}", workload))
	}
}

// TestTheCheckRefusesWhatProcessesRefuse runs the hook's containers: the programs of the
// images, with the settings and the file that the values make.
func TestTheCheckRefusesWhatProcessesRefuse(t *testing.T) {
	t.Parallel()
	programs := t.TempDir()
	for _, name := range []string{"gateway", "worker"} {
		out, err := exec.Command("go", "build", "-o", filepath.Join(programs, name), "../"+name).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	const everywhere = "gateway deliverer-default tracker"
	for values, wanted := range map[string]string{
		"{}": "",
		"env: {PENSTOCK_AMQP_TOKEN_URL: 'https://a.example/', PENSTOCK_AMQP_CLIENT_ID: me}":   "",
		"config: {sources: {open: {open: true}}, routes: {all: {from: [open], to: nowhere}}}": everywhere,
		"config: {sources: {spooled: {open: true, onBrokerOutage: spool}}}":                   "gateway",
		"broker: {hosts: ['rabbitmq:99999']}":                                                 everywhere,
		"env: {PENSTOCK_STATUS_MAX_BYTES: 5XB}":                                               everywhere,
		"env: {PENSTOCK_ARCHIVE_MAX_AGE: banana}":                                             everywhere,
		"gateway: {env: {PENSTOCK_PUBLISH_TIMEOUT: '5'}}":                                     "gateway",
		"gateway: {proxyProtocol: {enabled: true, trustedProxies: [10.0.0.0/99]}}":            "gateway",
		"workerDefaults: {env: {PENSTOCK_LOG_LEVEL: loud}}":                                   "deliverer-default",
		"workers: [{name: default}, {name: b, env: {PENSTOCK_ADMIN_LISTEN: nowhere}}]":        "deliverer-b",
		"tracker: {env: {PENSTOCK_GATEWAY_URL: hooks}}":                                       "tracker",
	} {
		t.Run(values, func(t *testing.T) {
			t.Parallel()
			objects := hooked(t, values, "--is-upgrade")
			file := filepath.Join(t.TempDir(), "penstock.yaml")
			require.NoError(t, os.WriteFile(file, []byte(objects["ConfigMap "+nextName].Data["penstock.yaml"]), 0o600))
			var refused []string
			for _, c := range objects["Job penstock-check"].Spec.Template.Spec.Containers {
				if said, code := c.run(programs, file); code != 0 {
					require.Equal(t, 2, code, said)
					refused = append(refused, c.Name)
				}
			}
			require.Equal(t, wanted, strings.Join(refused, " "))
		})
	}
}

// run runs the program of a container on this machine.
func (c container) run(programs, file string) (said string, code int) {
	program := strings.TrimPrefix(strings.Split(c.Image, ":")[0], "penstock/")
	command := exec.Command(filepath.Join(programs, program), c.Args...)
	for _, e := range c.Env {
		command.Env = append(command.Env, e.Name+"="+e.Value)
	}
	command.Env = append(command.Env, "PENSTOCK_CONFIG="+file)
	out, _ := command.CombinedOutput()
	return string(out), command.ProcessState.ExitCode()
}

func TestTheCheckHasTheSettingsOfTheProcessesAndNoSecret(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/renders/everything.yaml")
	require.NoError(t, err)
	objects := hooked(t, string(text), "--is-upgrade")
	for _, c := range objects["Job penstock-check"].Spec.Template.Spec.Containers {
		require.Empty(t, c.EnvFrom)
		require.Len(t, c.VolumeMounts, 1)
		kind := "Deployment"
		if c.Name == "gateway" {
			kind = "StatefulSet" // it has a spool
		}
		served := objects[kind+" penstock-"+c.Name].Spec.Template.Spec.Containers[0]
		require.Equal(t, append(served.Args, "--check"), c.Args)
		require.Equal(t, served.Image, c.Image)
		plain := slices.DeleteFunc(slices.Clone(served.Env), func(e setting) bool { return e.ValueFrom != nil })
		require.Equal(t, plain, c.Env)
	}
}
