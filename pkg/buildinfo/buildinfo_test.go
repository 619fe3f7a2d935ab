package buildinfo_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/buildinfo"
)

func TestStringNamesTheProgramItsVersionAndGo(t *testing.T) {
	t.Parallel()
	line := buildinfo.String("gateway")
	require.Regexp(t, `^gateway \S+ \(go`, line)
	require.Contains(t, line, buildinfo.Version())
	require.Contains(t, line, runtime.GOARCH)
}
