//go:build chart

package charts_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the expected manifests anew")

// kube is the version that manifests are rendered for.
const kube = "1.34.0"

// helms returns the programs to test with.
func helms(t *testing.T) []string {
	t.Helper()
	programs := strings.Fields(os.Getenv("HELM"))
	require.NotEmpty(t, programs, "HELM names no program: run make test-chart")
	return programs
}

// template renders the chart; the text is what Helm says when it refuses.
func template(t *testing.T, helm, values string) (manifests, said string, err error) {
	t.Helper()
	return templateAs(t, helm, "penstock", values)
}

// templateAs is template for a release of another name.
func templateAs(t *testing.T, helm, release, values string, more ...string) (manifests, said string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args := []string{"template", release, "penstock", "--namespace", "hooks", "--kube-version", kube, "--values", values}
	command := exec.CommandContext(ctx, helm, append(args, more...)...)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err = command.Run()
	return out.String(), errs.String(), err
}

func TestValuesRenderAsExpected(t *testing.T) {
	t.Parallel()
	for _, helm := range helms(t) {
		for _, values := range append(cases(t, "testdata/renders/*.yaml"), cases(t, "testdata/real/*.yaml")...) {
			t.Run(filepath.Base(helm)+" "+name(values), func(t *testing.T) {
				t.Parallel()
				got, said, err := template(t, helm, values)
				require.NoError(t, err, said)
				golden := filepath.Join("testdata/golden", filepath.Base(values))
				if *update {
					require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
				}
				want, err := os.ReadFile(golden)
				require.NoError(t, err)
				require.Equal(t, sorted(string(want)), sorted(got), "if it is as it should be: make generate")
			})
		}
	}
}

func TestValuesThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	for _, helm := range helms(t) {
		for _, values := range cases(t, "testdata/refuses/*.yaml") {
			t.Run(filepath.Base(helm)+" "+name(values), func(t *testing.T) {
				t.Parallel()
				text, err := os.ReadFile(values)
				require.NoError(t, err)
				want, _, _ := strings.Cut(strings.TrimPrefix(string(text), "# want: "), "\n")
				_, said, err := template(t, helm, values)
				require.Error(t, err)
				require.Contains(t, said, want)
				require.NotContains(t, said, "hunter2", "an error must not quote a secret")
			})
		}
	}
}

func TestNoSecretIsInWhatIsRendered(t *testing.T) {
	t.Parallel()
	for _, values := range append(cases(t, "testdata/renders/*.yaml"), cases(t, "testdata/real/*.yaml")...) {
		got, said, err := template(t, helms(t)[0], values)
		require.NoError(t, err, said)
		require.NotContains(t, got, "kind: Secret\n", "secrets are made by others")
		password := regexp.MustCompile(`://[^/@\s$]+:[^/@\s$]+@`)
		require.Empty(t, password.FindAllString(got, -1))
	}
}

// cases returns the files that the pattern matches, which must be some.
func cases(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

func name(path string) string { return strings.TrimSuffix(filepath.Base(path), ".yaml") }

// sorted returns the documents in one order: Helm 3 and 4 differ in that alone.
func sorted(manifests string) []string {
	documents := strings.Split(strings.TrimPrefix(manifests, "---\n"), "\n---\n")
	for i := range documents {
		documents[i] = strings.TrimSpace(documents[i])
	}
	slices.Sort(documents)
	return documents
}

func TestRulesAndDashboardsAreShipped(t *testing.T) {
	t.Parallel()
	values := filepath.Join(t.TempDir(), "values.yaml")
	require.NoError(t, os.WriteFile(values, []byte("monitoring: {prometheusRule: {enabled: true}, dashboards: {enabled: true}}"), 0o600))
	for _, helm := range helms(t) {
		got, said, err := template(t, helm, values)
		require.NoError(t, err, said)
		for _, file := range cases(t, "penstock/files/dashboards/*.json") {
			require.Contains(t, got, "  "+filepath.Base(file)+":")
		}
		for _, file := range cases(t, "penstock/files/rules/*.yaml") {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, group := range regexp.MustCompile(`(?m)^\s*- (name: .+)$`).FindAllStringSubmatch(string(text), -1) {
				require.Contains(t, got, group[1])
			}
		}
	}
}
