package journal

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"go.uber.org/zap"
)

// Open opens the journal in a folder, which it makes if need be, and reads what is
// there. Nothing that a crash or a bad disk left in its files keeps it from opening. It
// fails with ErrLocked when another process uses the folder, and when the folder cannot
// be read and written.
func Open(dir string, o Options) (*Journal, error) {
	if o.segmentBytes == 0 {
		o.segmentBytes = segmentBytes
	}
	if o.create == nil {
		o.create = createFile
	}
	j := &Journal{
		dir:     dir,
		options: o,
		taken:   map[*Record]struct{}{},
		more:    make(chan struct{}, 1),
		work:    make(chan struct{}, 1),
		ended:   make(chan struct{}),
	}
	if err := j.open(); err != nil {
		return nil, fmt.Errorf("open the journal in %s: %w", dir, err)
	}
	go j.write()
	return j, nil
}

func (j *Journal) open() (err error) {
	if err := os.MkdirAll(j.dir, 0o700); err != nil {
		return err
	}
	if j.held, err = lock(j.dir); err != nil {
		return err
	}
	if err := errors.Join(probe(j.dir), j.load()); err != nil {
		return errors.Join(err, j.held.Close())
	}
	j.tidy()
	wake(j.more)
	return nil
}

// probe finds out at the start, and not in an outage, whether files can be made safe.
func probe(dir string) error {
	path := filepath.Join(dir, "probe")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // within the operator's folder
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close(), os.Remove(path))
}

// load takes over the segments that an earlier process left.
func (j *Journal) load() error {
	entries, err := os.ReadDir(j.dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		number, m, ours := parseName(entry.Name())
		if !ours {
			continue
		}
		s := &segment{path: filepath.Join(j.dir, entry.Name()), number: number, marker: m}
		if err := j.adopt(s); err != nil {
			return err
		}
	}
	slices.SortFunc(j.segments, func(a, b *segment) int { return cmp.Compare(a.number, b.number) })
	return nil
}

// adopt opens a segment, counts what is to be done in it, and cuts its tail.
func (j *Journal) adopt(s *segment) error {
	f, err := os.OpenFile(s.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	s.file, s.size = f, info.Size()
	end := survey(s)
	if end < s.size {
		j.options.Log.Warn("the end of a file of the journal is no whole record and is cut off, as is normal after a crash",
			zap.String("file", s.path), zap.Int64("bytes", s.size-end))
		s.size = end
		if err := f.Truncate(end); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	j.segments = append(j.segments, s)
	j.bytes += s.size
	j.number = max(j.number, s.number)
	return nil
}

// survey counts the records of a segment that are not done, and returns where the last
// whole frame ends.
func survey(s *segment) (end int64) {
	for {
		f, found, err := nextFrame(s.file, s.marker, end, s.size)
		switch {
		case err != nil: // the reader comes to it too, and says so
			return s.size
		case !found:
			return end
		case !f.done:
			s.left++
		}
		end = f.end
	}
}
