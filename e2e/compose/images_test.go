//go:build compose

package compose_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// maxImage is what an image may weigh as a registry keeps it, compressed.
const maxImage = 40 << 20

// build builds the images of the test's version.
func build(t *testing.T) {
	t.Helper()
	buildAs(t, version, "gateway", "worker")
	docker(t, "build", "--quiet", "--file", "e2e/traffic/Dockerfile", "--tag", "penstock/traffic:"+version, ".")
}

// buildAs builds images with a version of their own, which makes them others.
func buildAs(t *testing.T, version string, images ...string) {
	t.Helper()
	for _, image := range images {
		docker(t, "build", "--quiet", "--file", image+"/Dockerfile", "--build-arg", "VERSION="+version, "--tag", "penstock/"+image+":"+version, ".")
	}
}

//nolint:paralleltest // one engine: the ports are taken
func TestImagesAreSmallAndRunWithoutRights(t *testing.T) {
	build(t)
	for image, program := range map[string]string{"penstock/gateway:" + version: "gateway", "penstock/worker:" + version: "worker"} {
		run := []string{"run", "--rm", "--read-only", "--cap-drop", "ALL", "--network", "none"}
		require.Contains(t, docker(t, append(run, image, "--version")...), program+" "+version+" (go1.")
		require.Contains(t, docker(t, append(run, "--entrypoint", "penstock", image, "--version")...), "penstock "+version+" (go1.")
		require.Equal(t, "65532:65532", docker(t, "image", "inspect", "--format", "{{ .Config.User }}", image))
		size := compressed(t, image)
		t.Logf("%s is %.1f MB compressed", image, float64(size)/1e6)
		require.Less(t, size, maxImage)
	}
}

// compressed counts the bytes of an image as it travels.
func compressed(t *testing.T, image string) int {
	t.Helper()
	var size counter
	packed := gzip.NewWriter(&size)
	var errs bytes.Buffer
	command := exec.CommandContext(context.Background(), "docker", "save", image)
	command.Stdout, command.Stderr = packed, &errs
	require.NoError(t, command.Run(), errs.String())
	require.NoError(t, packed.Close())
	return int(size)
}

// counter counts what is written to it.
type counter int

var _ io.Writer = (*counter)(nil)

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
