package journal

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// What the files of a journal are called: the number of the segment, its marker, and
// one of these.
const (
	suffix     = ".v1.journal"
	keptSuffix = ".kept" // after suffix: somebody should look at it
)

// file is what a segment needs of an *os.File.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Sync() error
	Truncate(size int64) error
}

// segment is one file of the log. Its fields are the journal's to guard.
type segment struct {
	path   string
	number uint64
	marker marker
	file   file
	size   int64 // what is safe on disk, in bytes
	read   int64 // where the next record to take begins
	left   int   // records that are not done
	taken  int   // of left: those that Next returned
	broken bool  // it holds what could not be read or dealt with
}

// finished reports whether all of it was read and done.
func (s *segment) finished() bool { return s.read >= s.size && s.taken == 0 }

// createSegment makes a new file and its name safe.
func createSegment(dir string, number uint64, create func(path string) (file, error)) (*segment, error) {
	s := &segment{number: number}
	_, _ = rand.Read(s.marker[:]) // it never fails
	s.path = filepath.Join(dir, fmt.Sprintf("%016x-%x%s", number, s.marker, suffix))
	var err error
	if s.file, err = create(s.path); err != nil {
		return nil, err
	}
	if err := syncFolder(dir); err != nil {
		_ = s.file.Close()
		_ = os.Remove(s.path)
		return nil, err
	}
	return s, nil
}

func createFile(path string) (file, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) //nolint:gosec // within the operator's folder
}

// syncFolder makes what was created in a folder survive a power failure.
func syncFolder(dir string) error {
	folder, err := os.Open(dir) //nolint:gosec // the operator's
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }() // only read
	return folder.Sync()
}

// parseName reads a segment's number and marker from the name of its file.
func parseName(name string) (number uint64, m marker, ok bool) {
	name, ours := strings.CutSuffix(name, suffix)
	digits, text, cut := strings.Cut(name, "-")
	if !ours || !cut || len(digits) != 16 || len(text) != 2*markerSize {
		return 0, m, false
	}
	number, err := strconv.ParseUint(digits, 16, 64)
	if err != nil {
		return 0, m, false
	}
	if _, err := hex.Decode(m[:], []byte(text)); err != nil {
		return 0, m, false
	}
	return number, m, true
}

// discard closes a finished segment and removes its file, or gives it the name of one
// that is kept.
func (s *segment) discard() error {
	_ = s.file.Close() // nothing in it is needed any more, or all of it is safe
	if s.broken {
		return os.Rename(s.path, s.path+keptSuffix)
	}
	return os.Remove(s.path)
}
