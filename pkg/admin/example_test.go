package admin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/penstock/penstock/pkg/admin"
)

// An orchestrator that asks /readyz sends no work to a process that cannot do it, and
// people read there why.
func ExampleStart() {
	ctx := context.Background()
	server, err := admin.Start(ctx, admin.Options{
		Listen: "127.0.0.1:0",
		Checks: []admin.Check{
			{Name: "broker", Ready: func() error { return errors.New("no connection") }},
			{Name: "topology", Ready: func() error { return nil }},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := http.Get("http://" + server.Addr().String() + "/readyz")
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := io.ReadAll(answer.Body)
	fmt.Printf("%d %s", answer.StatusCode, body)
	if err := errors.Join(err, answer.Body.Close(), server.Close(ctx)); err != nil {
		fmt.Println(err)
	}
	// Output: 503 {"ready":false,"checks":{"broker":"no connection","topology":"ok"}}
}
