package relay

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Cursor is a file with the place in the archive behind the last event that was forwarded. One
// process at a time uses it.
type Cursor struct{ Path string }

// CursorOf returns the cursor of a relay, which what identifies it names: the same texts name the
// same file below the folder.
func CursorOf(folder string, identity ...string) Cursor {
	hash := sha256.Sum256([]byte(strings.Join(identity, "\x00")))
	return Cursor{filepath.Join(folder, hex.EncodeToString(hash[:8]))}
}

// Load returns the place, or nothing when there is none yet.
func (c Cursor) Load() (string, error) {
	text, err := os.ReadFile(c.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the cursor: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// Save keeps the place. A process that is killed meanwhile leaves the old one or the new one.
func (c Cursor) Save(place string) error {
	if err := c.save(place); err != nil {
		return fmt.Errorf("keep the cursor: %w", err)
	}
	return nil
}

func (c Cursor) save(place string) error {
	if err := os.MkdirAll(filepath.Dir(c.Path), 0o700); err != nil {
		return err
	}
	next := c.Path + ".new"
	if err := os.WriteFile(next, []byte(place+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(next, c.Path)
}
