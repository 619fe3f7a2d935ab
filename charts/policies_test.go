//go:build chart

package charts_test

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

// policy is a NetworkPolicy.
type policy struct {
	Kind     string
	Metadata struct{ Name string }
	Spec     struct {
		Ingress []struct {
			Ports []port
			From  []peer
		}
		Egress []struct {
			Ports []port
			To    []peer
		}
	}
}

type port struct {
	Port     any
	Protocol string
}

type peer struct {
	NamespaceSelector map[string]any `yaml:"namespaceSelector"`
	IPBlock           struct {
		CIDR   string
		Except []string
	} `yaml:"ipBlock"`
}

// policies returns the NetworkPolicies that the values make.
func policies(t *testing.T, values string) (all []policy) {
	t.Helper()
	got, said, err := template(t, helms(t)[0], values)
	require.NoError(t, err, said)
	for document := range strings.SplitSeq(got, "\n---\n") {
		var p policy
		require.NoError(t, yaml.Unmarshal([]byte(document), &p))
		if p.Kind == "NetworkPolicy" {
			all = append(all, p)
		}
	}
	return all
}

func TestAdminPortsAreForWhoMonitorsAlone(t *testing.T) {
	t.Parallel()
	for _, values := range append(cases(t, "testdata/renders/*.yaml"), cases(t, "testdata/real/*.yaml")...) {
		admin := 0
		for _, p := range policies(t, values) {
			for _, rule := range p.Spec.Ingress {
				require.NotEmpty(t, rule.Ports, "%s: %s: no port is every port", values, p.Metadata.Name)
				if rule.Ports[0].Port != "admin" {
					continue
				}
				admin++
				require.NotEmpty(t, rule.From, "%s: %s: no peer is every pod", values, p.Metadata.Name)
				for _, from := range rule.From {
					require.NotEmpty(t, from.NamespaceSelector, "%s: %s: an empty selector is every namespace", values, p.Metadata.Name)
				}
			}
		}
		require.Contains(t, []int{0, 3}, admin, "%s: gateway, deliverer and tracker, or no policies", values)
	}
}

// NodeLocal DNS answers at a link-local address; the others stay closed, for machines
// answer there with their credentials.
func TestDeliverersReachNodeLocalDNSAndNothingElseThatIsLinkLocal(t *testing.T) {
	t.Parallel()
	for _, p := range policies(t, "testdata/renders/defaults.yaml") {
		if p.Metadata.Name != "penstock-deliverer" {
			continue
		}
		var resolver []port
		for _, rule := range p.Spec.Egress {
			for _, to := range rule.To {
				switch to.IPBlock.CIDR {
				case "0.0.0.0/0":
					require.Contains(t, to.IPBlock.Except, "169.254.0.0/16")
				case "169.254.20.10/32":
					resolver = rule.Ports
				}
			}
		}
		require.Equal(t, []port{{uint64(53), "UDP"}, {uint64(53), "TCP"}}, resolver)
		return
	}
	require.Fail(t, "there is no policy for deliverers")
}
