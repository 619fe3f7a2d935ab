package journal_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/gateway/internal/journal"
)

// written returns a folder with one segment that holds the payloads, and its path.
func written(t *testing.T, payloads ...string) (dir, path string) {
	t.Helper()
	dir = t.TempDir()
	j := open(t, dir, options().With(1<<20, nil))
	add(t, j, payloads...)
	closeIt(t, j)
	paths := files(t, dir)
	require.Len(t, paths, 1)
	return dir, paths[0]
}

func damage(t *testing.T, path string, change func(b []byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, change(b), 0o600))
}

func TestATornTailIsCutAndSaid(t *testing.T) {
	t.Parallel()
	for name, tear := range map[string]func(b []byte) []byte{
		"half a record":   func(b []byte) []byte { return b[:len(b)-2] },
		"half a header":   func(b []byte) []byte { return b[:len(b)-3-journal.HeaderSize/2] },
		"zeros behind it": func(b []byte) []byte { return append(b[:len(b)-2], make([]byte, 5000)...) },
		"rubbish":         func(b []byte) []byte { return append(b[:len(b)-2], bytes.Repeat([]byte("rubbish"), 100)...) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, path := written(t, "one", "two", "cut")
			damage(t, path, tear)
			core, lines := observer.New(zapcore.WarnLevel)
			o := options()
			o.Log = zap.New(core)
			j := open(t, dir, o)
			require.Equal(t, 1, lines.FilterMessageSnippet("cut off").Len())
			require.Equal(t, []string{"one", "two"}, drain(t, j))
			require.Empty(t, files(t, dir))
		})
	}
}

func TestABrokenMiddleLosesNothingElse(t *testing.T) {
	t.Parallel()
	dir, path := written(t, "one", "broken", "three", "four")
	damage(t, path, func(b []byte) []byte { return bytes.Replace(b, []byte("broken"), []byte("brokem"), 1) })
	core, lines := observer.New(zapcore.ErrorLevel)
	o := options()
	o.Log = zap.New(core)
	j := open(t, dir, o)
	require.Equal(t, []string{"one", "three", "four"}, drain(t, j))
	require.Equal(t, 1, lines.FilterMessageSnippet("broken").Len())
	require.Equal(t, []string{path + ".kept"}, files(t, dir))
	closeIt(t, j)
	require.Empty(t, drain(t, open(t, dir, options())), "what was kept is not read again")
}

func TestAPayloadCannotForgeARecord(t *testing.T) {
	t.Parallel()
	forged := string(journal.AppendFrame(nil, [16]byte{1}, time.Now(), []byte("forged")))
	dir, path := written(t, "one", forged, "three")
	damage(t, path, func(b []byte) []byte { // its own header is broken: the reader looks inside
		b[bytes.Index(b, []byte(forged))-journal.HeaderSize] ^= 1
		return b
	})
	require.Equal(t, []string{"one", "three"}, drain(t, open(t, dir, options())))
}

func TestARecordThatIsKeptKeepsItsFile(t *testing.T) {
	t.Parallel()
	dir, path := written(t, "good", "hopeless")
	j := open(t, dir, options())
	j.Done(next(t, j))
	j.Keep(next(t, j))
	require.Zero(t, j.Stats())
	require.Equal(t, []string{path + ".kept"}, files(t, dir))
}

// brittle is a file that can be made to fail.
type brittle struct {
	journal.File
	fails *string
}

var errBrittle = errors.New("it broke")

func (b brittle) WriteAt(p []byte, off int64) (int, error) {
	if *b.fails == "write" {
		n, _ := b.File.WriteAt(p[:len(p)/2], off)
		return n, errBrittle
	}
	return b.File.WriteAt(p, off)
}

func (b brittle) Sync() error {
	if *b.fails == "sync" {
		return errBrittle
	}
	return b.File.Sync()
}

func (b brittle) ReadAt(p []byte, off int64) (int, error) {
	if *b.fails == "read" {
		return 0, errBrittle
	}
	return b.File.ReadAt(p, off)
}

// onBrittle returns options for files that fail as told.
func onBrittle(fails *string) journal.Options {
	return options().With(1<<20, func(path string) (journal.File, error) {
		if *fails == "create" {
			return nil, errBrittle
		}
		f, err := journal.CreateFile(path)
		return brittle{f, fails}, err
	})
}

func TestAFailedDiskIsNeverASuccess(t *testing.T) {
	t.Parallel()
	for _, failure := range []string{"create", "write", "sync"} {
		t.Run(failure, func(t *testing.T) {
			t.Parallel()
			dir, fails := t.TempDir(), ""
			j := open(t, dir, onBrittle(&fails))
			if failure != "create" { // a file that is there is used
				add(t, j, "before")
			}
			fails = failure
			for range 3 {
				require.ErrorIs(t, j.Append(t.Context(), []byte("lost"), nil), journal.ErrDisk)
				require.ErrorIs(t, j.Ready(), journal.ErrDisk)
			}
			fails = ""
			add(t, j, "after")
			require.NoError(t, j.Ready())
			closeIt(t, j)

			got := drain(t, open(t, dir, options()))
			require.Equal(t, "after", got[len(got)-1])
			require.NotContains(t, got, "lost", "what was not taken is not delivered either, while the disk can cut it off")
		})
	}
}

func TestAFileThatCannotBeReadIsKept(t *testing.T) {
	t.Parallel()
	dir, fails := t.TempDir(), ""
	j := open(t, dir, onBrittle(&fails))
	add(t, j, "unreadable")
	fails = "read"
	ctx := t.Context()
	taken := make(chan string)
	go func() {
		if r, err := j.Next(ctx); err == nil {
			taken <- string(r.Payload)
			j.Done(r)
		}
	}()
	require.Eventually(t, func() bool { return j.Stats().Records == 0 }, 30*time.Second, time.Millisecond)
	fails = ""
	add(t, j, "fine")
	require.Equal(t, "fine", <-taken)
	require.Eventually(t, func() bool { return len(files(t, dir)) == 1 }, 30*time.Second, time.Millisecond)
	require.True(t, strings.HasSuffix(files(t, dir)[0], ".kept"))
}

func TestWhateverIsBrokenTheRestIsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "marker"))
		var data []byte
		ends := []int{0}
		payloads := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 50), 1, 20).Draw(t, "payloads")
		for i, p := range payloads {
			p = fmt.Appendf(p, "#%d", i)
			data = journal.AppendFrame(data, m, time.UnixMilli(1), p)
			payloads[i] = p
			ends = append(ends, len(data))
		}
		at := rapid.IntRange(0, len(data)-1).Draw(t, "at")
		data[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
		got, _, err := journal.Frames(m, bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for i, p := range payloads {
			hit := ends[i] <= at && at < ends[i+1]
			if n < len(got) && bytes.Equal(got[n], p) {
				n++ // a flip in the state hurts only the state
			} else if !hit {
				t.Fatalf("record %d is lost", i)
			}
		}
		if n != len(got) {
			t.Fatalf("%d records that nobody wrote", len(got)-n)
		}
	})
}
