package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrLocked means that another process uses the folder.
var ErrLocked = errors.New("journal: another process uses the folder")

// lock keeps other processes out of the folder. The kernel frees it with the process.
func lock(dir string) (*os.File, error) {
	held, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // within the operator's folder
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(held.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return held, nil
	}
	_ = held.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, ErrLocked
	}
	return nil, fmt.Errorf("lock the folder: %w", err)
}
