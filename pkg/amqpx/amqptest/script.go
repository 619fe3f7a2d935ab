package amqptest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// script runs the repository's .ci/broker, and reads the addresses that it prints.
func script(args ...string) (address, error) {
	path, err := scriptPath()
	if err != nil {
		return address{}, err
	}
	var out, progress bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = &out, &progress
	if err := cmd.Run(); err != nil {
		return address{}, fmt.Errorf("%s %s: %w\n%s", path, strings.Join(args, " "), err, progress.String())
	}
	var a address
	for line := range strings.Lines(out.String()) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch name {
		case EnvURLs:
			a.amqp = value
		case EnvManagement:
			a.management = value
		}
	}
	return a, nil
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
