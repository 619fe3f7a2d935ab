package reload_test

import (
	"fmt"

	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/pkg/reload"
)

// What was loaded at the start waits to be put into force like any change of the file,
// which Run would watch.
func ExampleFollower() {
	cfg, err := config.Parse("penstock.yaml", []byte("sources: {shop: {open: true}}"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	reloads, err := observe.NewReloads(noop.Meter{})
	if err != nil {
		fmt.Println(err)
		return
	}
	follower := reload.New(cfg, reload.Options{Path: "penstock.yaml", Part: config.Sources, Reloads: reloads, Log: zap.NewNop()})

	<-follower.Waiting()
	c := follower.Take()
	fmt.Println("in force:", len(c.Sources), "source")
	reloads.Accepted(c.Read)
	// Output: in force: 1 source
}
