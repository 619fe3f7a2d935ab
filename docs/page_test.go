package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is the repository, seen from this package.
const root = ".."

// page is a page of the documentation, taken apart.
type page struct {
	path  string // from the root
	text  string
	prose string // the text without fenced blocks
	blocks
	headings []string
}

type blocks []*block

// block is a fenced block.
type block struct {
	page     string
	line     int    // of its fence
	language string // as the fence names it
	text     string
	note     string // of the comment before it, "not run"
	argument string // and what it says behind the colon
	output   *block // the block of text right behind a block of sh
}

func (b *block) String() string { return b.page + ":" + itoa(b.line) }

var (
	fence   = regexp.MustCompile("^( *)```(.*)$")
	comment = regexp.MustCompile(`^ *<!-- ([a-z ]+?)(?:: (.*?))? -->$`)
	heading = regexp.MustCompile(`^#{1,6} +(.*?)(?: +#+)?$`)
)

// generated are pages of thousands of lines that are made, and checked, elsewhere.
var generated = []string{"docs/cli.md", "docs/providers.md"}

// read takes a page apart.
func read(t *testing.T, path string) *page {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	require.NoError(t, err)
	p := &page{path: path, text: string(data)}
	var open *block
	var indent, note, argument string
	var prose strings.Builder
	for i, line := range strings.Split(p.text, "\n") {
		switch m := fence.FindStringSubmatch(line); {
		case m != nil && open == nil:
			open = &block{page: path, line: i + 1, language: strings.TrimSpace(m[2]), note: note, argument: argument}
			indent = m[1]
		case m != nil:
			p.add(open)
			open, note, argument = nil, "", ""
		case open != nil:
			open.text += strings.TrimPrefix(line, indent) + "\n"
		default:
			if m := comment.FindStringSubmatch(line); m != nil {
				note, argument = m[1], m[2]
			} else if line != "" {
				note, argument = "", ""
			}
			if m := heading.FindStringSubmatch(line); m != nil {
				p.headings = append(p.headings, m[1])
			}
			prose.WriteString(line + "\n")
		}
	}
	require.Nil(t, open, "%s: a fenced block does not end", path)
	p.prose = prose.String()
	return p
}

// add keeps a block, and joins what a command prints to the command.
func (p *page) add(b *block) {
	if n := len(p.blocks); b.language == "text" && n > 0 && p.blocks[n-1].language == "sh" && p.blocks[n-1].output == nil &&
		b.line-p.blocks[n-1].line == strings.Count(p.blocks[n-1].text, "\n")+2 {
		p.blocks[n-1].output = b
	}
	p.blocks = append(p.blocks, b)
}

// pages reads every page: those at the root and those under docs.
func pages(t *testing.T) []*page {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "*.md"))
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			paths = append(paths, path)
		}
		return err
	}))
	all := make([]*page, 0, len(paths))
	for _, path := range paths {
		path, err := filepath.Rel(root, path)
		require.NoError(t, err)
		all = append(all, read(t, path))
	}
	require.Greater(t, len(all), 20, "the pages were not found")
	return all
}

// written are the pages that people wrote.
func written(t *testing.T) []*page {
	t.Helper()
	return slices.DeleteFunc(pages(t), func(p *page) bool { return slices.Contains(generated, p.path) })
}

// Output that no command was joined to would be compared with nothing.
func TestEveryTextIsWhatTheCommandBeforeItPrints(t *testing.T) {
	t.Parallel()
	n := 0
	for _, p := range written(t) {
		for i, b := range p.blocks {
			if b.language == "text" {
				n++
				require.Positive(t, i, "%s", b)
				require.Same(t, b, p.blocks[i-1].output, "%s: put it right behind a block of sh", b)
			}
		}
	}
	require.Greater(t, n, 15)
}
