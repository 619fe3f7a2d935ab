package topology_test

import (
	"fmt"

	"github.com/penstock/penstock/pkg/topology"
)

func ExampleDelay() {
	exchange, key := topology.Delay("invoices", 5) // 4 s and 1 s: two hops
	fmt.Println(exchange)
	fmt.Println(key)
	// Output:
	// penstock.delay.02
	// 0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.1.invoices
}

func ExamplePlan_Topology() {
	plan := topology.Plan{Routes: []topology.Route{{Name: "invoices"}}}
	for _, b := range plan.Topology().Bindings {
		if b.Queue == topology.RouteQueue("invoices") {
			fmt.Println(b.Source, b.Key)
		}
	}
	// Output:
	// penstock.ready #.invoices
	// penstock.routes penstock.route.invoices
}
