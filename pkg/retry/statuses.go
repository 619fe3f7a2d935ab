package retry

import (
	"fmt"
	"regexp"
	"strconv"
)

// Statuses is one entry of a list of HTTP statuses: a status, a range of them, or an
// exception. It is written "408", "500-599", "!503" or "!400-499". The zero value is not valid.
type Statuses struct {
	First, Last int  // the range, both included; the same number for a single status
	Except      bool // takes the range out of the list, wherever in the list it is
}

// statuses has the parts of an entry: the mark of an exception, the first status, the last.
var statuses = regexp.MustCompile(`^(!?) *([1-9]\d\d)(?: *- *([1-9]\d\d))?$`)

// ParseStatuses reads an entry as it is written.
func ParseStatuses(text string) (Statuses, error) {
	m := statuses.FindStringSubmatch(text)
	if m == nil {
		return Statuses{}, fmt.Errorf(`%q is not a status such as 408, a range such as 500-599, or an exception such as "!503"`, text)
	}
	first, _ := strconv.Atoi(m[2]) // the expression lets digits through only
	last := first
	if m[3] != "" {
		last, _ = strconv.Atoi(m[3])
	}
	s := Statuses{First: first, Last: last, Except: m[1] != ""}
	switch {
	case last < first:
		return Statuses{}, fmt.Errorf("%q ends before it begins", text)
	case !s.Except && first <= 299 && last >= 200:
		return Statuses{}, fmt.Errorf("%q has a status of 2xx, which means that the event is delivered", text)
	}
	return s, nil
}

// UnmarshalText reads what ParseStatuses reads.
func (s *Statuses) UnmarshalText(text []byte) error {
	parsed, err := ParseStatuses(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (s Statuses) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String writes the entry as it is written in the configuration.
func (s Statuses) String() string {
	text := strconv.Itoa(s.First)
	if s.Last != s.First {
		text += "-" + strconv.Itoa(s.Last)
	}
	if s.Except {
		return "!" + text
	}
	return text
}

func (s Statuses) has(status int) bool { return s.First <= status && status <= s.Last }

// retriesStatus reports whether a list has the status. A list of exceptions alone
// takes them out of what is retried without a list.
func retriesStatus(list []Statuses, status int, otherwise bool) bool {
	named, onlyExceptions := false, true
	for _, s := range list {
		switch {
		case s.Except && s.has(status):
			return false
		case !s.Except:
			onlyExceptions = false
			named = named || s.has(status)
		}
	}
	return named || onlyExceptions && otherwise
}
