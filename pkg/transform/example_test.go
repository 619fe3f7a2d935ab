package transform_test

import (
	"context"
	"fmt"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/transform"
)

func ExampleCompile() {
	t, err := transform.Compile(`{invoice: .data.id, total: .data.amount, from: $source}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	e := &event.Event{Source: "stripe", Body: []byte(`{"data": {"id": "in_1", "amount": 250, "lines": []}}`)}
	changed, err := t.Apply(context.Background(), e)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", changed.Body)
	// Output: {"from":"stripe","invoice":"in_1","total":250}
}
