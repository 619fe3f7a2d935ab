package lifecycle_test

import (
	"context"
	"fmt"

	"github.com/penstock/penstock/pkg/lifecycle"
)

// What was started last is stopped first.
func ExampleStack() {
	var started lifecycle.Stack
	for _, name := range []string{"broker connection", "listener"} {
		started.MustPush(name, func(context.Context) error {
			fmt.Println("stop", name)
			return nil
		})
	}
	if err := started.Close(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// stop listener
	// stop broker connection
}

// Work that only its context ends becomes a step of the stack.
func ExampleBackground() {
	var started lifecycle.Stack
	started.MustPush("watch", lifecycle.Background(context.Background(), func(ctx context.Context) {
		<-ctx.Done()
		fmt.Println("watched to the end")
	}))
	if err := started.Close(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output: watched to the end
}
