package memory

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

const (
	v2    = "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
	v1    = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
	v1cpu = "36 31 0:33 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
)

func TestTheLowestLimitOfTheGroupAndThoseAboveItCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mounts, groups string
		files          map[string]string
		limit          int64
	}{
		"no control groups":           {limit: 0},
		"version 2, its own group":    {v2, "0::/\n", map[string]string{"sys/fs/cgroup/memory.max": "536870912\n"}, 512 << 20},
		"version 2, no limit":         {v2, "0::/a\n", map[string]string{"sys/fs/cgroup/a/memory.max": "max\n"}, 0},
		"version 2, one above":        {v2, "0::/a/b\n", map[string]string{"sys/fs/cgroup/a/memory.max": "1000\n", "sys/fs/cgroup/a/b/memory.max": "max\n"}, 1000},
		"version 2, several":          {v2, "0::/a/b\n", map[string]string{"sys/fs/cgroup/a/memory.max": "1000\n", "sys/fs/cgroup/a/b/memory.max": "900\n"}, 900},
		"version 1":                   {v1 + v1cpu, "4:memory:/a\n1:cpu,cpuacct:/\n", map[string]string{"sys/fs/cgroup/memory/a/memory.limit_in_bytes": "1000\n"}, 1000},
		"version 1, no limit":         {v1, "4:memory:/\n", map[string]string{"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 0},
		"version 1, a bound group":    {"35 31 0:32 /docker/x /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n", "4:memory:/docker/x\n", map[string]string{"sys/fs/cgroup/memory/memory.limit_in_bytes": "1000\n"}, 1000},
		"version 1, another view":     {"35 31 0:32 /docker/x /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n", "4:memory:/\n", map[string]string{"sys/fs/cgroup/memory/memory.limit_in_bytes": "1000\n"}, 1000},
		"both, memory in version 1":   {v1 + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n", "4:memory:/a\n0::/\n", map[string]string{"sys/fs/cgroup/memory/a/memory.limit_in_bytes": "1000\n"}, 1000},
		"outside of what can be seen": {v2, "0::/../../x\n", map[string]string{"sys/fs/cgroup/memory.max": "1000\n"}, 1000},
		"what is no number":           {v2, "0::/\n\nnonsense\n", map[string]string{"sys/fs/cgroup/memory.max": "a lot\n"}, 0},
	} {
		root := fstest.MapFS{"proc/self/mountinfo": {Data: []byte(c.mounts)}, "proc/self/cgroup": {Data: []byte(c.groups)}}
		for file, text := range c.files {
			root[file] = &fstest.MapFile{Data: []byte(text)}
		}
		require.Equal(t, c.limit, containerLimit(root), name)
	}
}
