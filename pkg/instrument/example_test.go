package instrument_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/penstock/penstock/pkg/instrument"
)

// Names are those of the table: a slip of the pen is an error at the start, and not a
// metric that nobody finds.
func ExampleMaker() {
	maker := instrument.From(noop.Meter{})
	received := maker.Counter("penstock.received")
	labels := instrument.Label(attribute.String("source", "github"))
	received.Add(context.Background(), 1, labels.Add...)

	maker.Counter("penstock.recieved")
	fmt.Println(maker.Err())
	// Output: make the metrics: penstock.recieved is not in the table
}
