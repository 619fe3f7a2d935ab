package e2e

import (
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/stretchr/testify/require"
)

// buildCommand builds the operator's command, for the tests that type it.
var buildCommand = sync.OnceValue(func() error {
	cmd := exec.Command("go", "build", "-o", filepath.Join(programs, "penstock"), "../cli")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build penstock: %w\n%s", err, out)
	}
	return nil
})

// penstock runs the operator's command with the settings of the stack and these, and
// returns what it prints.
func (s *stack) penstock(more map[string]string, args ...string) string {
	s.t.Helper()
	require.NoError(s.t, buildCommand())
	cmd := exec.CommandContext(s.t.Context(), filepath.Join(programs, "penstock"), args...)
	cmd.Env = []string{"NO_COLOR=1"}
	env := maps.Clone(s.env)
	maps.Copy(env, more)
	for k, v := range env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	out, err := cmd.CombinedOutput()
	require.NoError(s.t, err, "penstock %v: %s", args, out)
	return string(out)
}
