package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

func itoa(n int) string { return strconv.Itoa(n) }

var (
	code = regexp.MustCompile("``[^`].*?``|`[^`\n]*`")
	link = regexp.MustCompile(`!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(<?([^)\s>]+)>?\)`)
)

// links returns where a page leads to.
func (p *page) links() []string {
	var to []string
	for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(p.prose, "`x`"), -1) {
		to = append(to, m[1])
	}
	return to
}

// anchor makes of a heading what GitHub makes of it.
func anchor(heading string) string {
	heading = link.ReplaceAllStringFunc(heading, func(l string) string { return l[1:strings.Index(l, "]")] })
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r):
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, heading)
}

// anchors are those of a page. The second heading of a name gets a number.
func (p *page) anchors() map[string]bool {
	seen, times := map[string]bool{}, map[string]int{}
	for _, h := range p.headings {
		a := anchor(h)
		if n := times[a]; n > 0 {
			seen[a+"-"+itoa(n)] = true
		}
		times[a]++
		seen[a] = true
	}
	return seen
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	all := map[string]*page{}
	for _, p := range pages(t) {
		all[p.path] = p
	}
	for _, p := range all {
		for _, to := range p.links() {
			if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			path, fragment, _ := strings.Cut(to, "#")
			target := p.path
			if path != "" {
				target = filepath.Join(filepath.Dir(p.path), path)
			}
			_, err := os.Stat(filepath.Join(root, target))
			require.NoError(t, err, "%s links to %s", p.path, to)
			if other := all[target]; fragment != "" && other != nil {
				require.True(t, other.anchors()[fragment], "%s links to %s: there is no such heading", p.path, to)
			}
		}
	}
}

func TestEveryPageIsReachedFromTheIndex(t *testing.T) {
	t.Parallel()
	reached := map[string]bool{}
	var follow func(path string)
	follow = func(path string) {
		if reached[path] {
			return
		}
		reached[path] = true
		for _, to := range read(t, path).links() {
			to, _, _ = strings.Cut(to, "#")
			if strings.HasSuffix(to, ".md") && !strings.Contains(to, "://") {
				follow(filepath.Join(filepath.Dir(path), to))
			}
		}
	}
	follow("docs/README.md")
	for _, p := range pages(t) {
		require.True(t, reached[p.path], "no way leads from docs/README.md to %s", p.path)
	}
}

func TestAnchorsAreThoseOfGitHub(t *testing.T) {
	t.Parallel()
	for heading, want := range map[string]string{
		"Back up and restore":        "back-up-and-restore",
		"What's `penstock_up`, now?": "whats-penstock_up-now",
		"A [link](x.md) in it":       "a-link-in-it",
	} {
		require.Equal(t, want, anchor(heading))
	}
}
