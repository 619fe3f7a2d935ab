package signature

import (
	"errors"
	"fmt"
)

// Problem is one thing that is wrong with a scheme.
type Problem struct {
	// Field is the key of the scheme as it is written in YAML, such as "ts.unit" or "alt[0].msg".
	Field string
	// Text says what is wrong with it. It quotes the scheme, never a secret.
	Text string
}

// Error returns "field: text".
func (p *Problem) Error() string { return p.Field + ": " + p.Text }

// Problems returns every [Problem] that err consists of, in order.
func Problems(err error) []*Problem {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		var all []*Problem
		for _, e := range joined.Unwrap() {
			all = append(all, Problems(e)...)
		}
		return all
	}
	if p, ok := errors.AsType[*Problem](err); ok {
		return []*Problem{p}
	}
	return nil
}

// problems gathers what is wrong while a scheme is compiled.
type problems struct {
	prefix string
	found  *[]error
}

func (p problems) addf(field, format string, args ...any) {
	*p.found = append(*p.found, &Problem{Field: p.prefix + field, Text: fmt.Sprintf(format, args...)})
}

func (p problems) check(field string, err error) {
	if err != nil {
		p.addf(field, "%s", err)
	}
}
