package config

import (
	"fmt"
	"time"
)

// Window is how long something is remembered: a [Duration] as it is written in the
// configuration, or "off". The zero value says nothing: a default takes its place.
// A positive one converts to a [time.Duration].
type Window time.Duration

// WindowOff remembers nothing.
const WindowOff Window = -1

// The bounds of a window that is not off.
const (
	minWindow = Window(time.Second)
	maxWindow = Window(30 * day)
)

// UnmarshalText reads what String writes.
func (w *Window) UnmarshalText(text []byte) error {
	if string(text) == "off" {
		*w = WindowOff
		return nil
	}
	d, err := ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%w, nor off", err)
	}
	if Window(d) < minWindow || Window(d) > maxWindow {
		return fmt.Errorf("the window is %s to %s, or off", minWindow, maxWindow)
	}
	*w = Window(d)
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (w Window) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// String writes the window as it is written in the configuration.
func (w Window) String() string {
	if w == WindowOff {
		return "off"
	}
	return Duration(w).String()
}
