package topology_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// permissions are the patterns of a broker user, by kind of right.
type permissions map[string]string

func (p permissions) require(t *testing.T, role string, rights []amqpx.Right) {
	t.Helper()
	for _, r := range rights {
		require.Regexp(t, p[r.Kind], r.Name, "%s may not %s it", role, r.Kind)
		require.NotEmpty(t, p[r.Kind], "%s may %s nothing, and needs %s", role, r.Kind, r.Name)
	}
}

// whole is a plan with everything that has rights of its own, but a quarantine.
func whole() topology.Plan {
	return topology.Plan{Archive: true, Routes: []topology.Route{{Name: "plain"}, {Name: "ordered", Partitions: 2}}}
}

// What users are told to set up is what the processes need.
func TestTheUsersOfComposeMayDoWhatTheyHaveTo(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../../compose/new-secrets")
	require.NoError(t, err)
	line := regexp.MustCompile(`(?m)^user (\w+) '[^']*' '([^']*)' '([^']*)' '([^']*)'$`)
	users := map[string]permissions{}
	for _, m := range line.FindAllStringSubmatch(strings.ReplaceAll(string(script), `\\`, `\`), -1) {
		users[m[1]] = permissions{amqpx.Configure: m[2], amqpx.Write: m[3], amqpx.Read: m[4]}
	}
	for _, role := range topology.Roles() {
		users[role].require(t, role, whole().Rights(role))
	}
}

func TestTheDocumentedUsersMayDoWhatTheyHaveTo(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/deploying.md")
	require.NoError(t, err)
	users := map[string]permissions{}
	for line := range strings.Lines(strings.ReplaceAll(string(page), `\|`, "\x00")) {
		if cells := strings.Split(line, "|"); len(cells) == 7 {
			users[strings.TrimSpace(cells[1])] = permissions{
				amqpx.Configure: firstPattern(cells[2]), amqpx.Write: firstPattern(cells[3]), amqpx.Read: firstPattern(cells[4]),
			}
		}
	}
	for _, role := range topology.Roles() {
		users[role].require(t, role, whole().Rights(role))
	}
}

// firstPattern is what the first backquotes of a cell hold.
func firstPattern(cell string) string {
	parts := strings.Split(strings.ReplaceAll(cell, "\x00", "|"), "`")
	if len(parts) < 3 {
		return ""
	}
	return parts[1]
}
