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
	return loader{secrets: true}.load(reflect.ValueOf(spec).Elem())
}

// LoadWithoutSecrets is Load where the secrets of the process are out of reach: a setting
// that a file holds is as if it were not set, and no secret is missed.
func LoadWithoutSecrets(spec any) error {
	return loader{}.load(reflect.ValueOf(spec).Elem())
}

// loader loads settings. The zero value reads no file.
type loader struct{ secrets bool }

func (l loader) load(s reflect.Value) error {
	var embedded, own []error
	for i := range s.NumField() {
		field := s.Type().Field(i)
		if field.Anonymous {
			embedded = append(embedded, l.load(s.Field(i)))
			continue
		}
		if field.IsExported() {
			own = append(own, l.loadField(s.Field(i), field))
		}
	}
	if s, ok := reflect.TypeAssert[interface{ WithoutSecrets() }](s.Addr()); ok && !l.secrets {
		s.WithoutSecrets()
	}
	if s, ok := reflect.TypeAssert[interface{ Imply() }](s.Addr()); ok {
		s.Imply()
	}
	if v, ok := reflect.TypeAssert[interface{ Validate() error }](s.Addr()); ok {
		own = append(own, v.Validate())
	}
	return errors.Join(errors.Join(embedded...), errors.Join(own...))
}

// loadField reads one field. What cannot be read has its default, so that the rest is
// checked all the same.
func (l loader) loadField(value reflect.Value, field reflect.StructField) error {
	loaded, err := l.loadFile(value, field)
	if !loaded {
		err = explain(fromEnvironment(Prefix, value, field))
	}
	if err != nil {
		_ = fromEnvironment(noPrefix, value, field)
	}
	return err
}

// noPrefix is one that no variable has: only defaults are found with it.
const noPrefix = Prefix + "_DEFAULT_OF"

// fromEnvironment lets envconfig read one field, in a struct that has no other.
func fromEnvironment(prefix string, value reflect.Value, field reflect.StructField) error {
	one := reflect.New(reflect.StructOf([]reflect.StructField{{Name: field.Name, Type: field.Type, Tag: field.Tag}}))
	err := envconfig.Process(prefix, one.Interface())
	if err == nil {
		value.Set(one.Elem().Field(0))
	}
	return err
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
