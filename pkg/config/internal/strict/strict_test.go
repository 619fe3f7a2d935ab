package strict_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config/internal/strict"
)

type target struct {
	Name    string             `yaml:"name"`
	Count   int                `yaml:"count"`
	Small   int8               `yaml:"small"`
	Factor  float64            `yaml:"factor"`
	Open    bool               `yaml:"open"`
	List    []string           `yaml:"list,omitempty"`
	Either  oneOrMany          `yaml:"either"`
	Pair    [][]string         `yaml:"pair"`
	Nested  *target            `yaml:"nested"`
	Table   map[string]*target `yaml:"table"`
	Texts   map[string]string  `yaml:"texts"`
	Word    word               `yaml:"word"`
	Hidden  hidden             `yaml:"hidden"`
	Ignored string             `yaml:"-"`
}

type oneOrMany []string

func (o *oneOrMany) UnmarshalYAML(func(any) error) error { panic("the decoder reads it itself") }

// word is anything but "bad".
type word struct{ text string }

func (w *word) UnmarshalText(text []byte) error {
	if string(text) == "bad" {
		return errors.New("a bad\nword")
	}
	w.text = string(text)
	return nil
}

// hidden stands for a secret.
type hidden struct{ text string }

func decode(yaml string) (target, *strict.Document) {
	var got target
	doc := strict.Decode([]byte(yaml), &got, strict.Options{
		Starts: map[reflect.Type]any{reflect.TypeFor[target](): target{Factor: 2}},
		Texts: map[reflect.Type]func(path, text string) (any, error){
			reflect.TypeFor[hidden](): func(path, text string) (any, error) {
				if strings.HasPrefix(text, "no") {
					return nil, errors.New("refused at " + path)
				}
				return hidden{text}, nil
			},
		},
	})
	doc.Sort()
	return got, doc
}

func TestDecodeFillsEveryKindOfValue(t *testing.T) {
	t.Parallel()
	got, doc := decode(`
name: "penstock"
count: 0x10
factor: 3
open: true
list: &list [a, "b", 'c']
either: one
pair: [[a, b], *list]
nested: {name: two lines, small: -3}
table:
  first: &first {list: *list}
  second: *first
  third:
texts: {a: x, 1: y, ? b : z}
word: 12
hidden: |
  secret
  lines
`)
	require.Empty(t, doc.Problems)
	require.Equal(t, target{
		Name: "penstock", Count: 16, Factor: 3, Open: true,
		List: []string{"a", "b", "c"}, Either: oneOrMany{"one"},
		Pair:   [][]string{{"a", "b"}, {"a", "b", "c"}},
		Nested: &target{Name: "two lines", Small: -3, Factor: 2},
		Table: map[string]*target{
			"first":  {List: []string{"a", "b", "c"}, Factor: 2},
			"second": {List: []string{"a", "b", "c"}, Factor: 2},
			"third":  {Factor: 2},
		},
		Texts:  map[string]string{"a": "x", "1": "y", "b": "z"},
		Word:   word{"12"},
		Hidden: hidden{"secret\nlines\n"},
	}, got)
}

func TestDecodeReports(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		yaml string
		want []string
	}{
		"a misspelt key":             {"nam: x", []string{"1:1 nam: unknown key, did you mean name?"}},
		"a key in the wrong case":    {"Name: x", []string{"1:1 Name: unknown key, did you mean name?"}},
		"a key like no other":        {"nested:\n  zzzzzz: 1", []string{"2:3 nested.zzzzzz: unknown key; known here: count, either, factor, hidden, list, name, nested, open, pair, small, table, texts, word"}},
		"an ignored field":           {"Ignored: x", []string{"1:1 Ignored: unknown key; known here: count, either, factor, hidden, list, name, nested, open, pair, small, table, texts, word"}},
		"a repeated key":             {"name: a\ncount: 1\nname: b", []string{"3:1 name: the key is there twice, first on line 1"}},
		"a repeated key in a table":  {"texts: {a: b, a: c}", []string{"1:15 texts.a: the key is there twice, first on line 1"}},
		"a number for text":          {"name: 12", []string{"1:7 name: expected text, found a number; put it in quotes"}},
		"a truth value for text":     {"name: true", []string{"1:7 name: expected text, found true or false; put it in quotes"}},
		"nothing for text":           {"count: 1\nname:", []string{"2:1 name: expected text, found no value"}},
		"text for a number":          {"count: many", []string{"1:8 count: expected a whole number, found text"}},
		"a fraction for a whole":     {"count: 1.5", []string{"1:8 count: expected a whole number, found a number"}},
		"a number that is too large": {"small: 1000\ncount: 18446744073709551615", []string{"1:8 small: the number is too large", "2:8 count: the number is too large"}},
		"infinity":                   {"factor: .inf", []string{"1:9 factor: expected a number, found a number that is not finite"}},
		"text for a truth value":     {"open: yes", []string{"1:7 open: expected true or false, found text"}},
		"text for a list":            {"list: a", []string{"1:7 list: expected a list, found text"}},
		"a mapping for a list":       {"list:\n  a: b", []string{"1:1 list: expected a list, found a mapping"}},
		"a list for a mapping":       {"nested:\n- a", []string{"1:1 nested: expected a mapping of keys to values, found a list"}},
		"text for a mapping":         {"table: {x: y}", []string{"1:12 table.x: expected a mapping of keys to values, found text"}},
		"wrong items":                {"list: [a, 1, [b], null]", []string{"1:11 list[1]: expected text, found a number; put it in quotes", "1:14 list[2]: expected text, found a list", "1:19 list[3]: expected text, found no value"}},
		"a wrong item of either":     {"either: [a, 1]", []string{"1:13 either[1]: expected text, found a number; put it in quotes"}},
		"a number for either":        {"either: 1", []string{"1:9 either: expected a list, found a number"}},
		"a text that is refused":     {"word: bad\nhidden: no", []string{"1:7 word: a bad; word", "2:9 hidden: refused at hidden"}},
		"a key that needs quotes":    {"table: {a.b: {zzzzzz: 1}}", []string{`1:15 table["a.b"].zzzzzz: unknown key; known here: count, either, factor, hidden, list, name, nested, open, pair, small, table, texts, word`}},
		"a merge key":                {"nested: &n {count: 1}\ntable: {a: {<<: *n}}", []string{"2:13 table.a: merge keys (<<) are not supported"}},
		"a tag":                      {"name: !!str 12", []string{"1:7 name: YAML tags are not supported"}},
		"an alias without an anchor": {"name: *x", []string{"1:7 name: there is no anchor for this alias; text that begins with * needs quotes"}},
		"a list for a key":           {"list: &x [a]\ntexts: {*x : b}", []string{"2:9 texts: a key must be plain text"}},
		"nothing":                    {"", []string{"0:0 : the file is empty"}},
		"only a comment":             {"# nothing", []string{"0:0 : the file is empty"}},
		"text alone":                 {"hello", []string{"1:1 : expected a mapping of keys to values, found text"}},
		"two documents":              {"name: a\n---\nname: b", []string{"3:1 : there is a second document; the file holds one"}},
		"everything at once": {"open: 1\nlits: []\ntable:\n  é: {count: x}", []string{
			"1:7 open: expected true or false, found a number",
			"2:1 lits: unknown key, did you mean list?",
			`4:14 table["é"].count: expected a whole number, found text`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, doc := decode(tc.yaml)
			require.Equal(t, tc.want, lines(doc))
		})
	}
}

func lines(doc *strict.Document) []string {
	var got []string
	for _, p := range doc.Problems {
		got = append(got, fmt.Sprintf("%d:%d %s: %s", p.Line, p.Column, p.Path, p.Text))
	}
	return got
}

func TestSyntaxErrorsQuoteNothing(t *testing.T) {
	t.Parallel()
	for _, yaml := range []string{
		"name: \"s3cr3t",
		"name: s3cr3t: s3cr3t\n",
		"list: [s3cr3t",
		"name: a\n\tcount: s3cr3t",
		"name: {s3cr3t",
		"hidden:\n  s3cr3t\n name: s3cr3t",
		"- s3cr3t\nname: s3cr3t",
		"name: %s3cr3t",
		"name: @s3cr3t",
		"*s3cr3t : !s3cr3t",
	} {
		t.Run(yaml, func(t *testing.T) {
			t.Parallel()
			_, doc := decode(yaml)
			require.NotEmpty(t, doc.Problems)
			require.NotContains(t, strings.Join(lines(doc), "\n"), "s3cr3t")
		})
	}
}

func TestAnAliasOfWhatItIsPartOf(t *testing.T) {
	t.Parallel()
	_, doc := decode("nested: &n\n  nested: *n\n  table: {a: *n }\n")
	require.Equal(t, []string{
		"2:11 nested.nested: the alias refers to what it is part of",
		"3:14 nested.table.a: the alias refers to what it is part of",
	}, lines(doc))
}

func TestWhatMultipliesEnds(t *testing.T) {
	t.Parallel()
	var doubled strings.Builder
	for i := range 30 {
		fmt.Fprintf(&doubled, "a%d: &a%d {nested: *a%d , table: {x: *a%d , y: *a%d }}, ", i, i, i+1, i+1, i+1)
	}
	for name, yaml := range map[string]string{
		"what doubles thirty times": "nested: {table: {" + doubled.String() + "a30: &a30 {count: x}}}",
		"an alias of itself":        "nested: &n *n",
		"many of many": "table:\n  a0: &a0 {list: &l [" + strings.Repeat("x, ", 500) + "x]}\n" +
			"  b: {table: &t {" + manyKeys("*a0") + "}}\n  c: {table: {" + manyKeys("{table: *t}") + "}}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, doc := decode(yaml)
			require.NotEmpty(t, doc.Problems)
			require.LessOrEqual(t, len(doc.Problems), 1000)
		})
	}
}

func manyKeys(value string) string {
	var keys strings.Builder
	for i := range 200 {
		fmt.Fprintf(&keys, "k%d: %s, ", i, value)
	}
	return keys.String()
}

func TestAtFindsTheNearestPlace(t *testing.T) {
	t.Parallel()
	_, doc := decode("table:\n  a:\n    list:\n    - x\n  b.c: {name: y}\n")
	for path, want := range map[string]strict.Position{
		"table.a.list[0]":      {Line: 4, Column: 7},
		"table.a.list[7]":      {Line: 3, Column: 5},
		"table.a.name":         {Line: 2, Column: 3},
		`table["b.c"].name`:    {Line: 5, Column: 15},
		`table["b.c"].count`:   {Line: 5, Column: 3},
		"table.none.list[0].x": {Line: 1, Column: 1},
		"other":                {Line: 1, Column: 1},
	} {
		require.Equal(t, want, doc.At(path), path)
	}
	require.True(t, doc.Has("table.a"))
	require.False(t, doc.Has("table.a.name"))
}

func FuzzDecode(f *testing.F) {
	f.Add("name: a\nlist: [b, *x]\nnested: &x {table: {a: *x}}\n")
	f.Add("? [a]\n: !!binary x\n<<: {}\n--- |\n x\n")
	f.Fuzz(func(t *testing.T, yaml string) {
		_, doc := decode(yaml)
		for _, p := range doc.Problems {
			if p.Text == "" || strings.Contains(p.Text, "\n") || p.Line < 0 || p.Column < 0 {
				t.Fatalf("not a problem that can be shown: %+v", p)
			}
		}
	})
}
