package provider_test

import (
	"testing"

	"github.com/penstock/penstock/pkg/provider"
)

func BenchmarkLookup(b *testing.B) {
	for b.Loop() {
		if _, ok := provider.Lookup("stripe"); !ok {
			b.Fatal("stripe is missing")
		}
	}
}

func BenchmarkAll(b *testing.B) {
	for b.Loop() {
		provider.All()
	}
}
