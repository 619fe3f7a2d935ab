package ordering_test

import (
	"context"
	"fmt"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/ordering"
)

func ExampleCompile() {
	k, err := ordering.Compile(`body.order_id`)
	if err != nil {
		fmt.Println(err)
		return
	}
	paid, _ := k.Of(context.Background(), &event.Event{Body: []byte(`{"order_id": 17, "state": "paid"}`)})
	sent, _ := k.Of(context.Background(), &event.Event{Body: []byte(`{"order_id": 17, "state": "sent"}`)})
	fmt.Println(paid == sent, paid.Partition(8) == sent.Partition(8))
	// Output: true true
}
