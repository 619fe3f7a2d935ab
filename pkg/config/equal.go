package config

import "reflect"

// Equal reports whether both mean the same, the values of secrets included.
func (s *Source) Equal(other *Source) bool { return reflect.DeepEqual(s, other) }

// Equal reports whether both mean the same, the values of secrets included.
func (d *Destination) Equal(other *Destination) bool { return reflect.DeepEqual(d, other) }

// Equal reports whether both mean the same, the values of secrets included.
func (a *Account) Equal(other *Account) bool { return reflect.DeepEqual(a, other) }

// Equal reports whether both mean the same.
func (r *Route) Equal(other *Route) bool { return reflect.DeepEqual(r, other) }
