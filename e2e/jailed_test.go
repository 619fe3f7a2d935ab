package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEachProcessWorksAsNobodyWithoutCapabilitiesOnAReadOnlyRoot(t *testing.T) {
	t.Parallel()
	spool, store, other := openFolder(t), openFolder(t), openFolder(t)
	jails := map[string]*jail{"gateway": newJail(t, spool), "deliver": newJail(t), "track": newJail(t, store)}
	out, err := jails["gateway"].command("touch", filepath.Join(other, "x")).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "Read-only file system")

	s := setup(t, spooling)
	s.moveConfiguration(other)
	s.env["PENSTOCK_SPOOL_DIR"] = spool
	gateway, api := freeAddress(t), freeAddress(t)
	s.url = "https://" + gateway
	processes := map[string]*process{
		"gateway": jails["gateway"].start("gateway", nil, s.settings(map[string]string{"PENSTOCK_LISTEN": gateway})),
		"deliver": jails["deliver"].start("worker", []string{"deliver"}, s.settings(nil)),
		"track": jails["track"].start("worker", []string{"track"}, s.settings(map[string]string{
			"PENSTOCK_LISTEN": api, "PENSTOCK_STORE_URL": "sqlite:" + filepath.Join(store, "store.db"), "PENSTOCK_API_OPEN": "true",
		})),
	}
	s.receiver.await(s.accept(newGithubEvent(1)), 1)
	(&tracker{processes["track"], "http://" + api + "/api/v1"}).awaitClosed(1)
	for name, p := range processes {
		p.requireNobody()
		p.requireReadOnly(jails[name].writable)
		p.stop()
	}
}

// moveConfiguration puts the configuration where every user may read it.
func (s *stack) moveConfiguration(folder string) {
	s.t.Helper()
	text, err := os.ReadFile(s.file)
	require.NoError(s.t, err)
	s.file = filepath.Join(folder, "penstock.yaml")
	require.NoError(s.t, os.WriteFile(s.file, text, 0o644))
	s.env["PENSTOCK_CONFIG"] = s.file
}

// requireNobody requires that the kernel grants the process nothing.
func (p *process) requireNobody() {
	p.t.Helper()
	status := strings.ReplaceAll(p.kernel("status"), "\t", " ")
	for _, line := range []string{
		"Uid: 65532 65532 65532 65532", "Gid: 65532 65532 65532 65532", "NoNewPrivs: 1",
		"CapInh: 0000000000000000", "CapPrm: 0000000000000000", "CapEff: 0000000000000000", "CapBnd: 0000000000000000", "CapAmb: 0000000000000000",
	} {
		require.Contains(p.t, status, line+"\n", p.name)
	}
}

// requireReadOnly requires that the process can write to no mount but these.
func (p *process) requireReadOnly(writable []string) {
	p.t.Helper()
	seen := map[string]string{} // a mount on top of another hides it
	for line := range strings.Lines(p.kernel("mountinfo")) {
		fields := strings.Fields(line) // id, parent, device, root, mount point, options
		require.Greater(p.t, len(fields), 5, line)
		if !slices.Contains(writable, fields[4]) && !strings.Contains(line, " - nsfs ") {
			seen[fields[4]] = fields[5]
		}
	}
	require.Contains(p.t, seen, "/")
	for mount, options := range seen {
		require.Contains(p.t, strings.Split(options, ","), "ro", "%s can write to %s", p.name, mount)
	}
}

// kernel reads what the kernel says of the process.
func (p *process) kernel(file string) string {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, file))
	require.NoError(p.t, err)
	return string(text)
}
