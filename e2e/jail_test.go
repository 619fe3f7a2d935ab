package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// jail is how containers run the programs: as a user without rights, without any
// capability, with every file system read-only but for the folders that are named.
type jail struct {
	t        *testing.T
	writable []string
}

// jailScript makes every mount read-only in a name space of its own, its arguments up to
// -- writable again, and becomes the command behind that.
const jailScript = `
set -e
while read -r _ mount _; do mount -o remount,bind,ro "$mount" 2>/dev/null || true; done </proc/self/mounts
while [ "$1" != -- ]; do mount --bind "$1" "$1"; mount -o remount,bind,rw "$1"; shift; done
exec setpriv --reuid 65532 --regid 65532 --clear-groups --bounding-set -all --inh-caps -all --no-new-privs "$@"
`

// newJail skips the test where only root can make one, and this is not root.
func newJail(t *testing.T, writable ...string) *jail {
	t.Helper()
	j := &jail{t, writable}
	if out, err := j.command("true").CombinedOutput(); err != nil {
		t.Skipf("skipped: mounts and users cannot be changed here, which needs root: %s", out)
	}
	return j
}

// command is a command in the jail. The process that starts it becomes it.
func (j *jail) command(name string, args ...string) *exec.Cmd {
	all := append([]string{"--mount", "sh", "-c", jailScript, "jail"}, j.writable...)
	return exec.Command("unshare", append(append(all, "--", name), args...)...)
}

// start starts a program in the jail.
func (j *jail) start(name string, args []string, env map[string]string) *process {
	j.t.Helper()
	p := launch(j.t, name, j.command(filepath.Join(programs, name), args...), env)
	p.awaitReady()
	return p
}

// openFolder makes a folder that every user may write to, outside of those that only
// this user may enter.
func openFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for folder, mode := range map[string]os.FileMode{filepath.Dir(dir): 0o755, dir: 0o777} { // whatever the umask says
		require.NoError(t, os.Chmod(folder, mode))
	}
	return dir
}
