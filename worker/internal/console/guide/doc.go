// Package guide explains how to add a source: what to write into the configuration, and
// what to enter at the provider, for each preset of package provider.
//
//	g := guide.New(preset, "stripe", "https://hooks.example.com")
//	fmt.Print(g.Config) // a snippet for penstock.yaml that is valid as it stands
package guide
