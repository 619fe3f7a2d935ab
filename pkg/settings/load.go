package settings

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/kelseyhightower/envconfig"
)

// Prefix starts the name of every setting's variable.
const Prefix = "PENSTOCK"

// ExitCode is what a process exits with when its settings or its configuration are wrong.
const ExitCode = 2

// Load fills spec, a pointer to a struct, from the environment. The error joins
// every problem, each on a line of its own: envconfig itself would stop at the first.
func Load(spec any) error {
	return load(reflect.ValueOf(spec).Elem())
}

func load(s reflect.Value) error {
	var embedded, own []error
	for i := range s.NumField() {
		field := s.Type().Field(i)
		if field.Anonymous {
			embedded = append(embedded, load(s.Field(i)))
			continue
		}
		own = append(own, loadField(s.Field(i), field))
	}
	if s, ok := reflect.TypeAssert[interface{ Imply() }](s.Addr()); ok {
		s.Imply()
	}
	// What could not be read is not checked as well: its zero value means nothing.
	if v, ok := reflect.TypeAssert[interface{ Validate() error }](s.Addr()); ok && errors.Join(own...) == nil {
		own = append(own, v.Validate())
	}
	return errors.Join(errors.Join(embedded...), errors.Join(own...))
}

// loadField lets envconfig read one field, in a struct that has no other.
func loadField(value reflect.Value, field reflect.StructField) error {
	if loaded, err := loadFile(value, field); loaded {
		return err
	}
	one := reflect.New(reflect.StructOf([]reflect.StructField{{Name: field.Name, Type: field.Type, Tag: field.Tag}}))
	if err := envconfig.Process(Prefix, one.Interface()); err != nil {
		return explain(err)
	}
	value.Set(one.Elem().Field(0))
	return nil
}

// explain rewords envconfig's parse error without the value: it may be a secret.
func explain(err error) error {
	if parse, ok := errors.AsType[*envconfig.ParseError](err); ok {
		return fmt.Errorf("%s: not a valid %s", parse.KeyName, kind(parse.TypeName))
	}
	return err
}

func kind(typeName string) string {
	switch typeName {
	case "time.Duration":
		return "duration, such as 5s or 2m"
	case "bool":
		return "truth value: use true or false"
	case "int", "int64":
		return "whole number"
	default:
		return "value"
	}
}
