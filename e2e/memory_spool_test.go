//go:build memory

package e2e

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// onDisk is a source whose events wait on the gateway's disk while there is no broker.
const onDisk = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"], onBrokerOutage: spool}
destinations:
  receiver: {url: "RECEIVER"}
routes:
  everything: {from: [github], to: receiver}
`

func TestMemoryOfAGatewayWhoseSpoolsDiskStalls(t *testing.T) {
	disk := newDisk(t)
	node, broker := startNode(t, "memoryspool")
	s := setupOn(t, onDisk, broker)
	gateway := s.imprisonGateway(map[string]string{"PENSTOCK_SPOOL_DIR": disk.folder})
	node.run("down")
	s.acceptSoon(newGithubEvent(1 << 20)) // the spool has it
	disk.freeze()
	answers := s.flood(largeTime())
	t.Logf("answers by status: %v", answers)
	require.Zero(t, answers[http.StatusOK], "nothing is on the disk")
	require.Positive(t, answers[http.StatusServiceUnavailable])
	gateway.requireUnharmed()
	disk.thaw()
	s.acceptSoon(newGithubEvent(1<<20 + 1))
	gateway.requireUnharmed()
}

// disk is a file system of its own, which can stall.
type disk struct {
	t      *testing.T
	folder string
	frozen bool
}

func newDisk(t *testing.T) *disk {
	t.Helper()
	d := &disk{t: t, folder: filepath.Join(t.TempDir(), "disk")}
	image := filepath.Join(t.TempDir(), "image")
	d.run("truncate", "--size", "1G", image)
	d.run("mkfs.ext4", "-q", image)
	d.run("mkdir", d.folder)
	d.run("mount", "-o", "loop", image, d.folder)
	t.Cleanup(func() {
		d.thaw()
		d.run("umount", "--lazy", d.folder)
	})
	return d
}

// freeze makes every write wait, like a disk that does not answer.
func (d *disk) freeze() {
	d.t.Helper()
	d.run("fsfreeze", "--freeze", d.folder)
	d.frozen = true
	d.t.Cleanup(d.thaw) // before its processes are ended: they could not end
}

func (d *disk) thaw() {
	d.t.Helper()
	if d.frozen {
		d.frozen = false
		d.run("fsfreeze", "--unfreeze", d.folder)
	}
}

func (d *disk) run(name string, args ...string) {
	d.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(d.t, err, "%s %v: %s", name, args, out)
}
