package amqptest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// script runs a command of the repository's .ci/broker on the node.
func (n *Node) script(tb testing.TB, command string, args ...string) address {
	tb.Helper()
	return parseAddress(n.output(tb, command, args...))
}

func (n *Node) output(tb testing.TB, command string, args ...string) string {
	tb.Helper()
	out, err := run("PENSTOCK_BROKER_CONF="+n.settings, append([]string{command, n.name}, args...)...)
	require.NoError(tb, err)
	return out
}

// run runs .ci/broker with one more variable, and returns what it prints.
func run(variable string, args ...string) (string, error) {
	path, err := scriptPath()
	if err != nil {
		return "", err
	}
	var out, progress bytes.Buffer
	cmd := exec.Command(path, args...) //nolint:gosec,noctx // our own script; it bounds itself
	cmd.Stdout, cmd.Stderr = &out, &progress
	cmd.Env = append(os.Environ(), variable)
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", path, strings.Join(args, " "), err, progress.String())
	}
	return out.String(), nil
}

// parseAddress reads the shell lines that .ci/broker prints.
func parseAddress(lines string) address {
	var a address
	for line := range strings.Lines(lines) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch name {
		case EnvURLs:
			a.amqp = value
		case EnvManagement:
			a.management = value
		}
	}
	return a
}

// scriptPath looks upwards from the tested package's folder.
func scriptPath() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, ".ci", "broker")
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("amqptest: no .ci/broker above the working folder")
		}
	}
}
