//go:build browser

package browser_test

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// play runs a script against the stage. What it prints is the test's log.
func (s *stage) play(script, scene string) {
	s.t.Helper()
	images, err := filepath.Abs(cmp.Or(os.Getenv("CONSOLE_IMAGES"), "../../../../docs/images"))
	require.NoError(s.t, err)
	cmd := exec.CommandContext(s.ctx, "node", "--test", "--test-reporter=spec", script)
	cmd.Env = append(os.Environ(), "CONSOLE_URL="+s.url, "CONSOLE_LEVERS="+s.levers, "CONSOLE_SCENE="+scene, "CONSOLE_WRITER="+writer, "CONSOLE_READER="+reader, "CONSOLE_IMAGES="+images)
	out, err := cmd.CombinedOutput()
	s.t.Logf("%s\n%s", script, out)
	require.NoError(s.t, err)
}

// The scenes are played one after the other: a browser takes all of a small machine.

func TestANewInstallationSaysWhatToDo(t *testing.T) { //nolint:paralleltest // see above
	set(t, empty, nothing).play("pages.test.mjs", "empty")
}

func TestTenEventsAreSeenFollowedAndReplayed(t *testing.T) { //nolint:paralleltest // see above
	s := set(t, configuration, few)
	s.refuse()
	s.play("pages.test.mjs", "ten")
	s.play("use.test.mjs", "ten")
	s.play("hostile.test.mjs", "ten")
}

func TestAHundredThousandEventsAreStillEasyToRead(t *testing.T) { //nolint:paralleltest // see above
	s := set(t, configuration, many)
	s.refuse()
	s.play("pages.test.mjs", "many")
}
