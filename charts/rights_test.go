//go:build chart

package charts_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// permission is a Permission resource of the messaging topology operator.
type permission struct {
	Kind     string
	Metadata struct{ Name string }
	Spec     struct {
		Permissions struct{ Configure, Write, Read string }
	}
}

// may returns the patterns that the chart gives to a role.
func may(t *testing.T, values, role string) map[string]string {
	t.Helper()
	got, said, err := template(t, helms(t)[0], values)
	require.NoError(t, err, said)
	for document := range strings.SplitSeq(got, "\n---\n") {
		var p permission
		require.NoError(t, yaml.Unmarshal([]byte(document), &p))
		if p.Kind == "Permission" && p.Metadata.Name == "penstock-"+role {
			may := p.Spec.Permissions
			return map[string]string{amqpx.Configure: may.Configure, amqpx.Write: may.Write, amqpx.Read: may.Read}
		}
	}
	require.Failf(t, "no permission", "for %s", role)
	return nil
}

func TestEachRoleMayDoWhatItNeedsAndNoMore(t *testing.T) {
	t.Parallel()
	for values, quarantine := range map[string]bool{"everything": false, "quarantine": true} {
		t.Run(values, func(t *testing.T) {
			t.Parallel()
			permissionsFit(t, "testdata/renders/"+values+".yaml", topology.Plan{
				Archive: true, Quarantine: quarantine, Routes: []topology.Route{{Name: "plain"}, {Name: "in-order", Partitions: 2}},
			})
		})
	}
}

// permissionsFit compares what the chart allows with what the plan needs, name by name.
func permissionsFit(t *testing.T, values string, plan topology.Plan) {
	t.Helper()
	names := map[string]bool{"amq.default": true, "somebody.elses": true, "penstockish": true}
	for _, right := range plan.Rights(topology.RoleTopology) {
		names[right.Name] = true
	}
	for _, role := range topology.Roles() {
		needs := plan.Rights(role)
		for kind, pattern := range may(t, values, role) {
			allowed := regexp.MustCompile(pattern)
			for _, name := range slices.Sorted(maps.Keys(names)) {
				needed := slices.Contains(needs, amqpx.Right{Kind: kind, Name: name})
				// RabbitMQ takes an empty pattern for one that matches nothing
				given := pattern != "" && allowed.MatchString(name)
				require.Equal(t, needed, given, "%s: %s %s", role, kind, name)
			}
		}
	}
}
