package buildinfo

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

var version string // set by the linker in a release build

// Version returns the release's version, or the module version or commit that
// the toolchain recorded, or "devel".
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	if c := setting(info, "vcs.revision"); c != "" {
		return "devel-" + c[:min(len(c), 12)]
	}
	return "devel"
}

// String returns one line for --version: the program's name, its version, the Go
// release and the platform.
func String(program string) string {
	return fmt.Sprintf("%s %s (%s %s/%s)", program, Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
