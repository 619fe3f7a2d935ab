package memory

import (
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// endless is from where on a limit is none: version 1 writes the largest number of pages.
const endless = 1 << 60

// containerLimit returns the lowest limit of the process's control group and of those
// above it, in bytes, and 0 without one. It knows both versions of control groups, and
// machines with both (https://docs.kernel.org/admin-guide/cgroup-v2.html).
func containerLimit(root fs.FS) int64 {
	groups := readLines(root, "proc/self/cgroup")
	lowest := int64(endless)
	for _, line := range readLines(root, "proc/self/mountinfo") {
		m, ok := parseMount(line)
		if !ok {
			continue
		}
		for _, group := range groups {
			if own, ok := m.groupPath(group); ok {
				lowest = min(lowest, m.lowest(root, own))
			}
		}
	}
	if lowest == endless {
		return 0
	}
	return lowest
}

// mount is where control groups that limit memory are seen.
type mount struct {
	top, point string // the group that is seen at the mount point, and that
	file       string // what holds a group's limit
	controller string // as /proc/self/cgroup names it
}

// parseMount reads a line of mountinfo: id, parent, device, top, point, options, any number
// of fields, a dash, type, device, options.
func parseMount(line string) (mount, bool) {
	before, after, found := strings.Cut(line, " - ")
	left, right := strings.Fields(before), strings.Fields(after)
	if !found || len(left) < 5 || len(right) < 3 {
		return mount{}, false
	}
	m := mount{top: left[3], point: left[4]}
	switch {
	case right[0] == "cgroup2":
		m.file = "memory.max"
	case right[0] == "cgroup" && hasWord(right[2], "memory"):
		m.file, m.controller = "memory.limit_in_bytes", "memory"
	default:
		return mount{}, false
	}
	return m, true
}

// groupPath returns the group of a line of /proc/self/cgroup as the mount shows it. A line
// is a number, the controllers, and the path.
func (m mount) groupPath(line string) (string, bool) {
	fields := strings.SplitN(line, ":", 3)
	if len(fields) < 3 || !hasWord(fields[1], m.controller) {
		return "", false
	}
	below, inside := strings.CutPrefix(path.Clean(fields[2]), strings.TrimSuffix(m.top, "/"))
	if !inside { // the mount shows the process's own group, under another name
		below = ""
	}
	return path.Join(m.point, below), true
}

// lowest returns the lowest limit from a group up to the mount point.
func (m mount) lowest(root fs.FS, group string) int64 {
	lowest := int64(endless)
	for ; strings.HasPrefix(group, m.point); group = path.Dir(group) {
		for _, text := range readLines(root, path.Join(group, m.file)) {
			if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 {
				lowest = min(lowest, n)
			}
		}
		if group == m.point {
			break
		}
	}
	return lowest
}

// hasWord reports whether a list with commas contains a word.
func hasWord(list, word string) bool {
	for each := range strings.SplitSeq(list, ",") {
		if each == word {
			return true
		}
	}
	return false
}

// readLines returns the lines of a file, and none when it cannot be read.
func readLines(root fs.FS, name string) []string {
	text, err := fs.ReadFile(root, strings.TrimPrefix(name, "/"))
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}
