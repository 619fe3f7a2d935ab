// Package buildinfo says which build of Penstock this is: its version, commit
// and Go release, as --version prints them and telemetry reports them.
//
// A release build sets the version with
//
//	go build -ldflags "-X github.com/penstock/penstock/pkg/buildinfo.version=v1.2.3"
//
// Any other build reports what the Go toolchain recorded in the binary.
package buildinfo
