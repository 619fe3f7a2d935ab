package command

import (
	"errors"
	"fmt"
)

// Code is an exit code. The codes are part of the interface and never change.
type Code int

// The exit codes.
const (
	OK      Code = 0 // it worked
	Failed  Code = 1 // it did not
	Usage   Code = 2 // the arguments make no sense; nothing was done
	Invalid Code = 3 // what was to be checked is not valid: a signature, a configuration
	Refused Code = 4 // a request was sent, and answered with something else than success
	Stopped Code = 5 // you ended it, or did not confirm it
)

const exitCodesHelp = `Exit codes:
  0  it worked
  1  it failed: a file cannot be read, nobody answers, and so on
  2  the arguments make no sense; nothing was done
  3  what was checked is not right: a signature, a configuration file, an installation
  4  a request was sent, and was answered with something else than 2xx; a job failed
  5  you ended it before it was done, or did not confirm it`

// coded is an error with the exit code that it asks for.
type coded struct {
	error
	code Code
}

func (c coded) Unwrap() error { return c.error }

// usage makes an error for arguments that make no sense.
func usage(format string, args ...any) error { return coded{fmt.Errorf(format, args...), Usage} }

// silent is an error that was told already: only its code counts.
type silent struct{ code Code }

func (s silent) Error() string { return fmt.Sprintf("exit code %d", s.code) }

// failed marks errors of a command that ran; what is not marked comes from
// cobra, and so from the arguments.
func failed(err error) error {
	if err == nil {
		return nil
	}
	if _, marked := errors.AsType[coded](err); marked {
		return err
	}
	if _, told := errors.AsType[silent](err); told {
		return err
	}
	return coded{err, Failed}
}

func codeOf(err error) Code {
	if err == nil {
		return OK
	}
	if s, told := errors.AsType[silent](err); told {
		return s.code
	}
	if c, marked := errors.AsType[coded](err); marked {
		return c.code
	}
	return Usage
}
