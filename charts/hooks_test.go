//go:build chart

package charts_test

import (
	"os"
	"os/exec"
	"path/filepath"
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
				Containers []struct{ Command []string }
				Volumes    []struct {
					ConfigMap struct{ Name string } `yaml:"configMap"`
				}
			}
		}
	}
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

// TestTheCheckRefusesWhatProcessesRefuse runs the hook's command on the hook's file.
func TestTheCheckRefusesWhatProcessesRefuse(t *testing.T) {
	t.Parallel()
	const wrong = `config:
  sources: {open: {open: true}}
  destinations: {}
  routes: {all: {from: [open], to: nowhere}}
`
	for values, code := range map[string]int{wrong: 3, strings.ReplaceAll(wrong, "{}", "{nowhere: {url: 'https://a.example/'}}"): 0} {
		objects := hooked(t, values, "--is-upgrade")
		file := filepath.Join(t.TempDir(), "penstock.yaml")
		require.NoError(t, os.WriteFile(file, []byte(objects["ConfigMap "+nextName].Data["penstock.yaml"]), 0o600))
		command := objects["Job penstock-check"].Spec.Template.Spec.Containers[0].Command
		require.Equal(t, "/usr/local/bin/penstock", command[0])
		require.Equal(t, "/etc/penstock/penstock.yaml", command[len(command)-1])
		program := filepath.Join(t.TempDir(), "penstock")
		require.NoError(t, exec.Command("go", "build", "-o", program, "../cli").Run())
		check := exec.Command(program, append(command[1:len(command)-1], file)...)
		out, _ := check.CombinedOutput()
		require.Equal(t, code, check.ProcessState.ExitCode(), "%s", out)
	}
}
