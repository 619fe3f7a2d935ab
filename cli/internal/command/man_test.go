package command_test

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/stretchr/testify/require"
)

// issued is the date in the manual's pages: the day's would make a difference every day.
var issued = time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)

// TestTheManualIsUpToDate compares docs/man with the commands' help.
func TestTheManualIsUpToDate(t *testing.T) {
	t.Parallel()
	fresh := t.TempDir()
	header := doc.GenManHeader{Section: "1", Date: &issued, Source: "Penstock", Manual: "Penstock"}
	tree := root()
	every(tree, func(c *cobra.Command) { c.DisableAutoGenTag, c.Long = true, markdown(c.Long) })
	require.NoError(t, doc.GenManTree(tree, &header, fresh))
	kept := filepath.Join("..", "..", "..", "docs", "man")
	if *update {
		require.NoError(t, os.RemoveAll(kept))
		require.NoError(t, os.MkdirAll(kept, 0o755))
		require.NoError(t, os.CopyFS(kept, os.DirFS(fresh)))
	}
	if !maps.Equal(pages(t, fresh), pages(t, kept)) {
		t.Fatal("docs/man is out of date: run make generate")
	}
}

// pages are the contents of a folder's files, by their names.
func pages(t *testing.T, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(folder, file.Name()))
		require.NoError(t, err)
		found[file.Name()] = string(text)
	}
	return found
}
