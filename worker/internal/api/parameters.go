package api

import (
	_ "embed"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/pkg/nearest"
)

//go:embed openapi.yaml
var document []byte

// reference is a parameter in the document, or the address of one.
type reference struct {
	Ref  string `yaml:"$ref"`
	Name string `yaml:"name"`
	In   string `yaml:"in"`
}

// operation is what the document says of one method of one path.
type operation struct {
	Parameters []reference `yaml:"parameters"`
}

// queryParameters reads from the document which query parameters each operation takes, by
// its method and its path as echo writes it.
func queryParameters() (map[string][]string, error) {
	var api struct {
		Paths      map[string]map[string]operation `yaml:"paths"`
		Components struct {
			Parameters map[string]reference `yaml:"parameters"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(document, &api); err != nil {
		return nil, fmt.Errorf("read the API's document: %w", err)
	}
	toEcho := strings.NewReplacer("{", ":", "}", "")
	known := map[string][]string{}
	for path, operations := range api.Paths {
		for method, o := range operations {
			names := []string{}
			for _, p := range o.Parameters {
				if p.Ref != "" {
					p = api.Components.Parameters[p.Ref[strings.LastIndexByte(p.Ref, '/')+1:]]
				}
				if p.In == "query" {
					names = append(names, p.Name)
				}
			}
			known[strings.ToUpper(method)+" "+basePath+toEcho.Replace(path)] = names
		}
	}
	return known, nil
}

// knownParameters refuses a request with a query parameter that the operation does not take:
// a filter that is misspelt would find everything.
func knownParameters(known map[string][]string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			method := c.Request().Method
			if method == http.MethodHead {
				method = http.MethodGet
			}
			names, documented := known[method+" "+c.Path()]
			if !documented {
				return next(c)
			}
			for _, name := range slices.Sorted(maps.Keys(c.QueryParams())) {
				if !slices.Contains(names, name) {
					return invalid(unknownParameter(name, names))
				}
			}
			return next(c)
		}
	}
}

// unknownParameter says what there is instead.
func unknownParameter(name string, names []string) string {
	text := fmt.Sprintf("There is no parameter %q here%s", name, nearest.DidYouMean(name, names))
	if !strings.HasSuffix(text, "?") {
		text += "."
	}
	if len(names) == 0 {
		return text + " It takes none."
	}
	return text + " It takes " + strings.Join(names, ", ") + "."
}
