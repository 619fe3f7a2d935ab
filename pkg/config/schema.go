package config

import _ "embed"

//go:generate go test -run ^TestSchema$ -update .

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (2020-12) of the configuration file. It is made
// from the Go types; editors complete and check the file with it. It finds less
// than Load does: nothing that one part of the file says about another.
func Schema() []byte { return append([]byte(nil), schema...) }
