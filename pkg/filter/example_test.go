package filter_test

import (
	"context"
	"fmt"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/filter"
)

func ExampleCompile() {
	f, err := filter.Compile(`type.startsWith("invoice.") && body.amount > 100`)
	if err != nil {
		fmt.Println(err)
		return
	}
	taken, err := f.Match(context.Background(), &event.Event{Type: "invoice.paid", Body: []byte(`{"amount": 250}`)})
	fmt.Println(taken, err)

	_, err = filter.Compile(`bdy.amount > 100`)
	fmt.Println(err)
	// Output:
	// true <nil>
	// 1:1: undeclared reference to 'bdy' (did you mean 'body'?)
}
