//go:build docs

package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// walked are the pages whose commands are run, in this order, in one installation: the
// first one starts it. Every other block of sh must say why it is not run.
var walked = []string{
	"README.md",
	"docs/tutorial.md",
	"docs/guides/add-a-source.md",
	"docs/guides/custom-scheme.md",
	"docs/guides/destinations.md",
	"docs/guides/ordering.md",
	"docs/guides/rotate-a-secret.md",
	"docs/guides/replay.md",
	"docs/guides/consume-directly.md",
	"docs/guides/write-a-worker.md",
	"docs/guides/go-to-production.md",
	"docs/reference/http.md",
}

// configuration is the file that the installation reads, and that pages replace.
const configuration = ".run/demo/penstock.yaml"

func TestTheCommandsOfThePagesDoWhatThePagesSay(t *testing.T) { //nolint:paralleltest // one installation, page after page
	site := startShell(t)
	for _, path := range walked {
		p := read(t, path)
		ok := t.Run(path, func(t *testing.T) { site.walk(t, p) })
		require.True(t, ok, "%s does not work: what comes after it was not tried", path)
	}
}

func TestWhatIsNotRunSaysWhy(t *testing.T) {
	t.Parallel()
	each(t, "sh", func(t *testing.T, b *block) {
		if !slices.Contains(walked, b.page) {
			require.Equal(t, "not run", b.note, "%s: this page is not walked", b)
		}
	})
}

// walk follows one page as its reader would.
func (s *shell) walk(t *testing.T, p *page) {
	t.Helper()
	t.Cleanup(func() { s.restore(t) })
	for _, b := range p.blocks {
		switch {
		case b.language == "yaml" && b.note != "not loaded":
			s.save(t, b)
		case b.language != "sh" || b.note == "not run":
		case b.note == "runs until":
			s.leaveRunning(t, b)
		default:
			s.follow(t, b)
		}
	}
}

// follow runs a block, and compares what it prints with what the page says.
func (s *shell) follow(t *testing.T, b *block) {
	t.Helper()
	t.Logf("%s: %s", b, b.text)
	wanted := 0
	if b.note == "exits" {
		wanted = int(b.argument[0] - '0')
	}
	looks := 1
	if b.note == "eventually" {
		looks = 60
	}
	again := time.NewTicker(time.Second) // a reader looks again after a moment
	defer again.Stop()
	for {
		printed, said, code := s.run(t, b.text)
		fits := b.output == nil || alike(b.output.text, printed)
		if code == wanted && fits {
			return
		}
		if looks--; looks == 0 {
			require.Equal(t, wanted, code, "%s: exit code, after printing:\n%s%s", b, printed, said)
			require.Failf(t, "it prints something else", "%s prints\n%s\nand should print\n%s", b, printed, b.output.text)
		}
		<-again.C
	}
}

// alike compares what a page shows with what was printed: "…" stands for anything in its
// line, and alone in a line for any number of lines, also none. Space at the ends of lines
// does not count.
func alike(shown, printed string) bool {
	var re strings.Builder
	for line := range strings.SplitSeq(strings.TrimSpace(shown), "\n") {
		if strings.TrimSpace(line) == "…" {
			re.WriteString(`(?:[^\n]*\n)*?`)
			continue
		}
		line = strings.Join(strings.Fields(regexp.QuoteMeta(line)), `[ \t]+`)
		re.WriteString(`[ \t]*` + strings.ReplaceAll(line, "…", `[^\n]*`) + "[ \\t]*\n")
	}
	return regexp.MustCompile(`\A` + re.String() + `\z`).MatchString(strings.TrimSpace(printed) + "\n")
}

func TestWhatIsPrintedIsCompared(t *testing.T) {
	t.Parallel()
	const shown = "ID … STATE\n… push … delivered\n…\nend\n"
	require.True(t, alike(shown, "ID  AGE  STATE \n17  push  2s  delivered\n\nmore\nend\n"))
	require.True(t, alike(shown, "ID AGE STATE\n17 push 2s delivered\nend"))
	require.False(t, alike(shown, "ID AGE STATE\n17 push 2s retrying\nend"))
	require.False(t, alike(shown, "ID AGE STATE\n17 push 2s delivered\nend\nand more"))
	require.False(t, alike(shown, ""))
}

// save writes the file that a block of configuration is, and waits until the processes
// have taken it.
func (s *shell) save(t *testing.T, b *block) {
	t.Helper()
	path, text := b.file()
	if path == "" {
		return
	}
	if path == configuration {
		configure(t, filepath.Join(s.folder, path), []byte(text))
		return
	}
	require.NoError(t, os.WriteFile(filepath.Join(s.folder, path), []byte(text), 0o600))
}
