package docs_test

import (
	goflag "flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = goflag.Bool("update", false, "write the pages that are made by a machine anew")

// requirePage compares a page with what it should be, or writes it.
func requirePage(t *testing.T, path, want string) {
	t.Helper()
	path = filepath.Join(root, path)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, string(got), "%s is out of date: run go generate ./docs", path)
}

const settingsHead = `# Settings

A process is set up through environment variables; what events it takes and where they go is in the
[configuration file](configuration.md). This page is made from what ` + "`--help`" + ` prints.

A setting that may hold a password can be read from a file instead, for the secrets of an orchestrator: its name with
` + "`_FILE`" + ` behind it. A wrong setting stops the process at its start, with exit code 2 and every problem in one list.
With ` + "`--check`" + ` a process prints that list, and what is wrong with the configuration file, and starts nothing; secrets are not
looked at.

The standard variables of OpenTelemetry count too: ` + "`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_TRACES_SAMPLER`, `OTEL_RESOURCE_ATTRIBUTES`" + ` and
[the others](https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). The command ` + "`penstock`" + ` reads
the same variables as the processes, and those that [its help](../cli.md) names.
`

func TestThePageOfSettingsIsWhatHelpPrints(t *testing.T) {
	t.Parallel()
	var want strings.Builder
	want.WriteString(settingsHead)
	for _, process := range []struct{ title, admin, command string }{
		{"Gateway", ":9090", "./gateway --help"},
		{"Deliverer", ":9091", "./worker deliver --help"},
		{"Tracker", ":9092", "./worker track --help"},
	} {
		fmt.Fprintf(&want, "\n## %s\n\n| variable | default | what it says |\n|---|---|---|\n", process.title)
		cmd := exec.CommandContext(t.Context(), "go", append([]string{"run", "-trimpath"}, strings.Fields(process.command)...)...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as `make build` does, whose results it can use
		out, err := cmd.Output()
		require.NoError(t, err, process.command)
		rows(t, &want, string(out), process.admin)
	}
	requirePage(t, "docs/reference/settings.md", want.String())
}

// cell writes a text so that it can stand in a table of Markdown.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(text)
}

// rows writes the columns that the help prints, as the rows of a table.
func rows(t *testing.T, out *strings.Builder, help, admin string) {
	t.Helper()
	const first = "  PENSTOCK_CONFIG"
	_, help, found := strings.Cut(help, "\n"+first)
	require.True(t, found)
	help = first + help
	value := strings.Index(help, "/etc/penstock")
	text := strings.Index(help, "the configuration file")
	for line := range strings.SplitSeq(strings.TrimRight(help, "\n"), "\n") {
		if !strings.HasPrefix(line, "  PENSTOCK_") {
			break
		}
		name, standard, meaning := strings.TrimSpace(line[:value]), strings.TrimSpace(line[value:text]), line[text:]
		if name == "PENSTOCK_ADMIN_LISTEN" {
			standard = admin
		}
		if standard != "" {
			standard = "`" + standard + "`"
		}
		fmt.Fprintf(out, "| `%s` | %s | %s |\n", name, standard, cell(meaning))
	}
}
