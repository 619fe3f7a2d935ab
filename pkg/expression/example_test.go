package expression_test

import (
	"context"
	"fmt"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/expression"
)

func ExampleCompile() {
	x, err := expression.Compile(`source + ": " + body.?name.orValue("nobody")`)
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := x.Eval(context.Background(), &event.Event{Source: "shop", Body: []byte(`{"name": "Ann"}`)})
	fmt.Println(out, err)
	// Output: shop: Ann <nil>
}
