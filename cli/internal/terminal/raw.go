package terminal

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// Raw lets each key of a terminal be read as it is pressed, until the returned function is called. It
// fails when in is no terminal.
func Raw(in io.Reader) (restore func(), err error) {
	file, ok := in.(*os.File)
	if !ok {
		return nil, fmt.Errorf("read keys: %w", os.ErrInvalid)
	}
	state, err := term.MakeRaw(int(file.Fd()))
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	return func() { _ = term.Restore(int(file.Fd()), state) }, nil
}
