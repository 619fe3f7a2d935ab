//go:build memory

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slow leaves the running process a part of a processor, in percent.
func (p *prisoner) slow(percent int) {
	p.t.Helper()
	folder := p.folder
	files := map[string]string{"cpu.max": fmt.Sprintf("%d 100000", percent*1000)}
	if v1 := "/sys/fs/cgroup/cpu"; exists(filepath.Join(v1, "cpu.cfs_quota_us")) {
		folder = filepath.Join(v1, filepath.Base(p.folder))
		files = map[string]string{"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": strconv.Itoa(percent * 1000)}
		require.NoError(p.t, os.Mkdir(folder, 0o755))
		p.t.Cleanup(func() {
			p.current().kill()
			require.Eventually(p.t, func() bool { return os.Remove(folder) == nil }, 10*time.Second, 20*time.Millisecond, "the control group stays")
		})
	} else {
		_ = os.WriteFile("/sys/fs/cgroup/cgroup.subtree_control", []byte("+cpu"), 0o644) // it may be there already
	}
	for file, text := range files {
		require.NoError(p.t, os.WriteFile(filepath.Join(folder, file), []byte(text), 0o644))
	}
	pid := strconv.Itoa(p.current().cmd.Process.Pid)
	require.NoError(p.t, os.WriteFile(filepath.Join(folder, "cgroup.procs"), []byte(pid), 0o644))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// The chart requests a quarter of a processor: what has no more of it takes longer, and makes no dead letters.
func TestMemoryOfADelivererThatTransformsOnAQuarterOfAProcessor(t *testing.T) {
	s := setup(t, ruled)
	gateway := s.startGateway()
	deliverer := s.imprisonDeliverer()
	deliverer.slow(25)
	body := push(1 << 20)
	ids := make([]string, 30)
	for i := range ids {
		ids[i] = s.openEvent(strings.Replace(body, `"id":7`, fmt.Sprintf(`"id":%d`, i), 1))
	}
	gateway.stop()
	s.awaitDelivered(deliverer, len(ids))
	for i, id := range ids {
		var got struct {
			ID int `json:"id"`
			N  int `json:"n"`
		}
		require.NoError(t, json.Unmarshal(s.receiver.of(id)[0].body, &got))
		require.Equal(t, i, got.ID)
		require.Greater(t, got.N, 10_000)
	}
	deliverer.requireUnharmed()
}
