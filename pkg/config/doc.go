// Package config is the configuration file: its types, how it is loaded and
// checked, and how it is watched.
//
//	cfg, err := config.Load("penstock.yaml", os.LookupEnv)
//
// The file is YAML, and strict. [Load] refuses unknown and duplicate keys, wrong
// types, names that nothing is called by, patterns and filters that do not
// compile, and secrets that are empty or cannot be had. It reports everything
// that is wrong at once, each [Problem] with its line, column and place. What is
// allowed but doubtful is in [Config.Warnings].
//
// Secrets are never written in the file: a [Secret] is read from ${ENV_NAME} or
// file:/path, and no way of printing it shows its value.
//
// [Watch] loads the file again when it or the file of a secret changes, and hands
// over what it loaded if it is valid. The parts of two configurations can be
// compared with their Equal methods, so that only what changed is rebuilt.
//
// [Schema] is the JSON Schema of the file, and [Example] a file that shows every
// key.
package config
