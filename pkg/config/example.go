package config

import _ "embed"

//go:embed example.yaml
var example []byte

// Example returns a configuration file that shows every key with a comment.
func Example() []byte { return append([]byte(nil), example...) }
