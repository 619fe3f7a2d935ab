// Command schema writes the JSON Schema of the chart's values, which Helm checks them
// with, and the tables of values in the chart's README, from the values file itself:
//
//	schema charts/penstock/values.yaml docs/reference/penstock.schema.json docs/reference/settings.md charts/penstock/values.schema.json charts/penstock/README.md
//
// The type of a value is that of its default, and an object may have no other keys than
// those that the file shows. Comments become descriptions, and a line
//
//	# @schema {enum: [job, processes]}
//
// adds keywords. Three of them are our own: config inserts the schema of the
// configuration file, def moves a schema to $defs under that name, and settings lets a key
// that begins with PENSTOCK_ be one of the settings in the page of them alone.
package main
