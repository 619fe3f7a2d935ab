package docs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

const apiHead = `# The tracker's API

` + "`worker track`" + ` serves it at ` + "`/api/v1`" + `, on port 8090 with the console. The server, its client in Go (` + "`pkg/trackerclient`" + `) and this page
are made from [its OpenAPI document](../../worker/internal/api/openapi.yaml), which has every parameter and every field.

A request has a token, ` + "`Authorization: Bearer TOKEN`" + `. ` + "`PENSTOCK_API_TOKENS_FILE`" + ` names the file that lists them, by their SHA-256:

<!-- not loaded: a file of tokens -->
` + "```yaml" + `
tokens:
  - {name: operator, sha256: a231ae0a8ef289bfecf8b3362858057323a8d9cb94b0cdea0df07f8fc0674cfe, scopes: [read, write]}
  - {name: dashboard, sha256: be5bbc643a4931ccf14603a1023656354fefb5c9ee365f2610f3a88cf48aa6dc, scopes: [read]}
` + "```" + `

What fails is answered with [a problem](api-problems.md). The command [` + "`penstock`" + `](../cli.md) does with it what a person needs.
`

// openAPI is what the page needs of the document.
type openAPI struct {
	Info  struct{ Description string }
	Paths map[string]map[string]struct {
		Summary  string
		Security []map[string][]string
	}
}

func TestThePageOfTheAPIIsItsDocument(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(root, "worker/internal/api/openapi.yaml"))
	require.NoError(t, err)
	var document openAPI
	require.NoError(t, yaml.Unmarshal(data, &document))
	require.NotEmpty(t, document.Paths)
	rows := []string{}
	for path, methods := range document.Paths {
		for method, operation := range methods {
			if operation.Summary == "" {
				continue // what all methods of a path have in common
			}
			scope := "read"
			if len(operation.Security) > 0 {
				scope = strings.Join(operation.Security[0]["token"], ", ")
			}
			rows = append(rows, fmt.Sprintf("| `%s %s` | %s | %s |", strings.ToUpper(method), path, cell(operation.Summary), scope))
		}
	}
	slices.SortFunc(rows, func(a, b string) int { return strings.Compare(path(a), path(b)) })
	requirePage(t, "docs/reference/api.md", apiHead+"\n"+document.Info.Description+
		"\n| request | what it does | scope |\n|---|---|---|\n"+strings.Join(rows, "\n")+"\n")
}

// path is the part of a row that it is sorted by.
func path(row string) string {
	_, behind, _ := strings.Cut(row, "/")
	return behind
}
