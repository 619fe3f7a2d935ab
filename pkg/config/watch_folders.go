package config

import (
	"maps"
	"path/filepath"
	"slices"

	"github.com/fsnotify/fsnotify"
)

// folders returns the folders in which a change of the files shows: the one that
// each is named in and, where symbolic links lead elsewhere, the one that it is
// really in and the one above, in which a whole folder is swapped.
func (f files) folders() []string {
	found := map[string]bool{}
	for name := range f {
		absolute, err := filepath.Abs(name)
		if err != nil {
			continue // there is no working directory; polling is left
		}
		found[filepath.Dir(absolute)] = true
		if target, err := filepath.EvalSymlinks(absolute); err == nil && target != absolute {
			found[filepath.Dir(target)] = true
			found[filepath.Dir(filepath.Dir(target))] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// follow makes notify watch folders and nothing else. It reports whether one of
// them is new. A folder that cannot be watched is left to polling.
func follow(notify *fsnotify.Watcher, folders []string) bool {
	watched := notify.WatchList()
	for _, old := range watched {
		if !slices.Contains(folders, old) {
			_ = notify.Remove(old) // it may be gone, which is as good
		}
	}
	added := false
	for _, folder := range folders {
		if !slices.Contains(watched, folder) && notify.Add(folder) == nil {
			added = true
		}
	}
	return added
}
