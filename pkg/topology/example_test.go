package topology_test

import (
	"fmt"

	"github.com/penstock/penstock/pkg/topology"
)

func ExampleLevel() {
	level := topology.Level(5) // one second is left after that
	fmt.Println(topology.LevelQueue(level))
	// Output: penstock.level.00004
}

func ExamplePlan_Topology() {
	plan := topology.Plan{Routes: []topology.Route{{Name: "invoices"}}}
	for _, b := range plan.Topology().Bindings {
		if b.Queue == topology.RouteQueue("invoices") {
			fmt.Println(b.Source, b.Key)
		}
	}
	// Output:
	// penstock.routes penstock.route.invoices
}
