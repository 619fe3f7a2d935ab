package auth

import (
	"errors"
	"fmt"
)

// Problem is one thing wrong with a configuration.
type Problem struct {
	Path string // the field, relative to what was validated, such as "[0].apiKey.keys[1].sha256"
	Text string // what is wrong with it
}

// Error implements error.
func (p *Problem) Error() string { return p.Path + ": " + p.Text }

// problems collects what is wrong below a path.
type problems struct {
	path string
	errs *[]error
}

func newProblems() problems { return problems{errs: new([]error)} }

// atf returns a collector for a part, such as ".keys" or "[1]".
func (p problems) atf(format string, args ...any) problems {
	return problems{path: p.path + fmt.Sprintf(format, args...), errs: p.errs}
}

func (p problems) addf(format string, args ...any) {
	*p.errs = append(*p.errs, &Problem{Path: p.path, Text: fmt.Sprintf(format, args...)})
}

func (p problems) join() error { return errors.Join(*p.errs...) }
