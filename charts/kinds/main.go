package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// kubernetes is the version whose API the manifests are checked against.
const kubernetes = "k8s.io/kubernetes@v1.37.2"

// resources are the modules with custom resources, and where those lie in them.
var resources = map[string][]string{
	"github.com/cert-manager/cert-manager@v1.19.1":               {"deploy/crds/*certificates.yaml"},
	"github.com/external-secrets/external-secrets@v1.3.2":        {"config/crds/bases/*_externalsecrets.yaml"},
	"istio.io/api@v1.32.0":                                       {"kubernetes/customresourcedefinitions.gen.yaml"},
	"github.com/kedacore/keda/v2@v2.21.0":                        {"config/crd/bases/*.yaml"},
	"github.com/rabbitmq/cluster-operator/v2@v2.16.0":            {"config/crd/bases/*.yaml"},
	"github.com/rabbitmq/messaging-topology-operator@v1.15.0":    {"config/crd/bases/*.yaml"},
	"sigs.k8s.io/gateway-api@v1.4.0":                             {"config/crd/experimental/*tlsroutes.yaml", "config/crd/experimental/*httproutes.yaml"},
	"github.com/prometheus-operator/prometheus-operator@v0.85.0": {"example/prometheus-operator-crd/*.yaml"},
}

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "kinds:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("give the folder to write to")
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	into := args[0]
	if err := os.MkdirAll(into, 0o755); err != nil { //nolint:gosec // everybody may read it
		return fmt.Errorf("make the folder: %w", err)
	}
	errs := []error{builtIn(ctx, into)}
	for module, patterns := range resources {
		errs = append(errs, custom(ctx, into, module, patterns))
	}
	return errors.Join(errs...)
}

// folder returns where a module lies, which it downloads if need be.
func folder(ctx context.Context, module string) (string, error) {
	command := exec.CommandContext(ctx, "go", "mod", "download", "-json", module) //nolint:gosec // one of ours
	command.Dir = os.TempDir()                                                    // outside any module
	command.Env = append(os.Environ(), "GOFLAGS=-mod=mod")
	out, err := command.Output()
	var found struct {
		Dir   string `json:"Dir"`
		Error string `json:"Error"`
	}
	if jsonErr := json.Unmarshal(out, &found); jsonErr != nil {
		return "", errors.Join(fmt.Errorf("download %s: %w", module, jsonErr), err)
	}
	if found.Error != "" {
		return "", fmt.Errorf("download %s: %s", module, found.Error)
	}
	return found.Dir, nil
}

// write writes the schema of a kind, as kubeconform looks for it: kind-group-version.json,
// the group without what follows its first dot.
func write(into, group, version, kind string, schema any) error {
	name := strings.ToLower(kind)
	if group != "" {
		first, _, _ := strings.Cut(group, ".")
		name += "-" + first
	}
	text, err := json.Marshal(schema)
	if err != nil {
		return fmt.Errorf("encode %s: %w", kind, err)
	}
	path := filepath.Join(into, name+"-"+version+".json")
	if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // everybody may read it
		return fmt.Errorf("write %s: %w", kind, err)
	}
	return nil
}
