// Package strict decodes one YAML document into Go values and finds everything
// that is wrong with it, instead of stopping at the first mistake.
//
//	doc := strict.Decode(data, &target, strict.Options{})
//	for _, p := range doc.Problems { … }
//	doc.At("sources.github.secrets[0]") // where that stands
//
// It understands what configuration files are made of: structs with yaml tags,
// maps by text, slices, pointers, and scalars, among them every
// [encoding.TextUnmarshaler]; one that is a struct with yaml tags is read from a text or
// from a mapping. A list of texts with an UnmarshalYAML of its own takes
// a single text as well. A [time.Duration] is not special: give it an entry in
// Options.Texts. Keys must be known and may not repeat. Text must be
// text: a number, true or null in its place is a mistake, not a conversion.
// Anchors and aliases work; merge keys and tags are refused.
//
// A problem quotes keys, and scalars where the target is not text. It never
// quotes text that was meant for a string, as that may be a secret.
package strict
