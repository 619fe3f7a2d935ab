package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// programs is the folder that holds the built programs.
var programs string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "penstock-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	programs = dir
	if err := os.Chmod(dir, 0o755); err != nil { // for those that do not run as this user
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for folder, flags := range builds {
		if err := build(filepath.Join(dir, folder), flags); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

// build builds the programs into a folder.
func build(folder string, flags []string) error {
	for _, name := range []string{"gateway", "worker"} {
		args := append([]string{"build", "-o", filepath.Join(folder, name)}, flags...)
		if out, err := exec.Command("go", append(args, "../"+name)...).CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", name, err, out)
		}
	}
	return nil
}
