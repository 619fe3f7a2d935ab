package rehearse

import (
	"fmt"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/expression"
	"github.com/penstock/penstock/pkg/filter"
	"github.com/penstock/penstock/pkg/ordering"
	"github.com/penstock/penstock/pkg/routing"
	"github.com/penstock/penstock/pkg/transform"
)

// Rules are the texts of a route's rules. What is empty is no rule.
type Rules struct {
	Bindings   []string         // "<source>.<type pattern>", as config.Route.Bindings makes them
	Filter     string           // CEL
	Transform  config.Transform // jq or CEL
	Key        string           // CEL, of an ordered route
	Partitions int              // of an ordered route
}

// RulesOf returns the rules of a configured route.
func RulesOf(r *config.Route) Rules {
	rules := Rules{Bindings: r.Bindings(), Filter: r.Filter, Transform: r.Transform, Partitions: r.Partitions()}
	if r.Ordering != nil {
		rules.Key = r.Ordering.Key
	}
	return rules
}

// Route is a route whose rules are compiled. It is safe for concurrent use.
type Route struct {
	rules     Rules
	table     *routing.Table
	filter    *filter.Filter
	key       *expression.Expression
	transform *transform.Transformation
}

// self is the name of the only route of a table.
const self = "route"

// Compile compiles rules. The error begins with the name of the rule that is wrong.
func Compile(rules Rules) (*Route, error) {
	r := &Route{rules: rules, table: routing.NewTable(map[string][]string{self: rules.Bindings})}
	var err error
	if rules.Filter != "" {
		if r.filter, err = filter.Compile(rules.Filter); err != nil {
			return nil, fmt.Errorf("filter: %w", err)
		}
	}
	if rules.Key != "" {
		if _, err := ordering.Compile(rules.Key); err != nil {
			return nil, fmt.Errorf("ordering.key: %w", err)
		}
		if r.key, err = expression.Compile(rules.Key); err != nil {
			return nil, fmt.Errorf("ordering.key: %w", err)
		}
	}
	if r.transform, err = compileTransform(rules.Transform); err != nil {
		return nil, fmt.Errorf("transform: %w", err)
	}
	return r, nil
}

func compileTransform(t config.Transform) (*transform.Transformation, error) {
	switch {
	case t.CEL != "":
		return transform.CompileCEL(t.CEL)
	case t.JQ != "":
		return transform.Compile(t.JQ)
	default:
		return nil, nil //nolint:nilnil // no transformation
	}
}
