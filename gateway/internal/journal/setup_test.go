package journal_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/journal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// options are those of most tests: room for everything, in small segments.
func options() journal.Options {
	return journal.Options{MaxBytes: 64 << 20, Log: zap.NewNop()}.With(1000, nil)
}

// open opens a journal, and closes it with the test unless the test does.
func open(t *testing.T, dir string, o journal.Options) *journal.Journal {
	t.Helper()
	j, err := journal.Open(dir, o)
	require.NoError(t, err)
	t.Cleanup(func() { closeIt(t, j) })
	return j
}

func closeIt(t *testing.T, j *journal.Journal) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	require.NoError(t, j.Close(ctx))
}

func add(t *testing.T, j *journal.Journal, payloads ...string) {
	t.Helper()
	for _, p := range payloads {
		require.NoError(t, j.Append(t.Context(), []byte(p), nil))
	}
}

// next takes the next record.
func next(t *testing.T, j *journal.Journal) *journal.Record {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r, err := j.Next(ctx)
	require.NoError(t, err)
	return r
}

// drain takes and ends everything, and returns it.
func drain(t *testing.T, j *journal.Journal) (payloads []string) {
	t.Helper()
	for j.Stats().Records > 0 {
		r := next(t, j)
		payloads = append(payloads, string(r.Payload))
		j.Done(r)
	}
	return payloads
}

// files lists the files of a journal's folder, but for the lock.
func files(t *testing.T, dir string) (paths []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		if e.Name() != "lock" {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths
}
