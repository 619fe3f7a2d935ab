// Package charts tests the Helm chart: what each set of values in testdata/renders, and in
// testdata/real as teams have them, makes is compared with the file of its name in testdata/golden, and each set in testdata/refuses must be refused with
// the words that its first line wants. Both are done with every Helm in $HELM, as
// `make test-chart` sets it:
//
//	HELM="helm3 helm4" go test -tags chart ./charts
//	HELM=helm go test -tags chart ./charts -update      writes what is expected anew
package charts

//go:generate go run ./schema penstock/values.yaml ../docs/reference/penstock.schema.json ../docs/reference/settings.md penstock/values.schema.json penstock/README.md
