package quarantine_test

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/quarantine"
)

// The gateway had an old secret. With the right one, what it refused is an event.
func ExampleJudge() {
	refused := &event.Event{
		ID: event.NewID(), Source: "github", ReceivedAt: time.Now(), Body: []byte("{}"),
		Request: event.Request{Method: "POST", Path: "/in/github", Header: []event.Field{
			{Name: "X-Github-Event", Value: "push"},
			{Name: "X-Hub-Signature-256", Value: "sha256=" + sign("{}")},
		}},
	}
	message, err := quarantine.Refused(refused, "mismatch")
	if err != nil {
		fmt.Println(err)
		return
	}

	entry, err := quarantine.Parse(message)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, secret := range []string{"yesterday's", secret} {
		preset, _ := provider.Lookup("github")
		source, err := provider.New(preset, provider.Options{Secrets: []string{secret}})
		if err != nil {
			fmt.Println(err)
			return
		}
		judge := &quarantine.Judge{Source: source, Methods: preset.Methods}
		fmt.Println(judge.Verify(context.Background(), entry).OK)
	}
	// Output:
	// false
	// true
}
