//go:build bench

package e2e

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tick is the unit of the kernel's process times (USER_HZ).
const tick = 10 * time.Millisecond

// cpu returns the processor time that a process has used so far.
func cpu(t *testing.T, pid int) time.Duration {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	require.NoError(t, err)
	_, after, found := strings.Cut(string(stat), ") ") // the name may have spaces
	require.True(t, found)
	fields := strings.Fields(after)
	total := 0
	for _, i := range []int{11, 12} { // utime and stime
		n, err := strconv.Atoi(fields[i])
		require.NoError(t, err)
		total += n
	}
	return time.Duration(total) * tick
}

// brokerCPU is what the broker has used so far: 0 when it is not one that the benchmark
// has started, whose process PENSTOCK_BENCH_BROKER names.
func brokerCPU(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("PENSTOCK_BENCH_BROKER")
	if text == "" {
		return 0
	}
	pid, err := strconv.Atoi(text)
	require.NoError(t, err)
	return cpu(t, pid)
}

// resident returns the memory of a process in bytes: now, and at most so far.
func resident(t *testing.T, pid int) (now, most int) {
	t.Helper()
	return memory(t, pid, "VmRSS:"), memory(t, pid, "VmHWM:")
}

func memory(t *testing.T, pid int, line string) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	_, after, found := strings.Cut(string(status), line)
	require.True(t, found)
	kib, err := strconv.Atoi(strings.Fields(after)[0])
	require.NoError(t, err)
	return kib << 10
}

// metric reads a value without labels off a process's metrics page.
func metric(t *testing.T, p *process, name string) float64 {
	t.Helper()
	_, page := p.get("/metrics")
	for line := range strings.Lines(page) {
		if rest, found := strings.CutPrefix(line, name+" "); found {
			value, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			require.NoError(t, err)
			return value
		}
	}
	require.Fail(t, "no metric", name)
	return 0
}
