package config

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// files notes what was read of each file, or why it could not be read, as a hash.
type files map[string]version

type version struct {
	limit int64
	sum   [sha256.Size]byte
}

// file reads a file and notes what it read.
func (f files) file(name string, limit int64) ([]byte, error) {
	data, err := readFile(name, limit)
	f[name] = versionOf(data, err, limit)
	return data, err
}

// stale reports whether a file is no longer what was read.
func (f files) stale() bool {
	for name, was := range f {
		data, err := readFile(name, was.limit)
		if versionOf(data, err, was.limit) != was {
			return true
		}
	}
	return false
}

func versionOf(data []byte, err error, limit int64) version {
	if err != nil {
		data = []byte(err.Error())
	}
	return version{limit: limit, sum: sha256.Sum256(data)}
}

// readFile reads a regular file of at most limit bytes. Anything else, such as a
// pipe, could block for ever.
func readFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot be read: %w", cause(err))
	case !info.Mode().IsRegular():
		return nil, errors.New("cannot be read: it is not a regular file")
	}
	file, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", cause(err))
	}
	defer func() { _ = file.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot be read: %w", cause(err))
	case int64(len(data)) > limit:
		return nil, fmt.Errorf("is longer than %s", Size(limit))
	}
	return data, nil
}

// cause strips the path from a file's error: the message has it already.
func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
