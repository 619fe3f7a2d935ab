package provision_test

import (
	"fmt"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/settings"
)

func ExamplePlan() {
	cfg, err := config.Parse("penstock.yaml", []byte(`
sources:
  shop: {open: true}
destinations:
  billing: {url: "https://billing.internal/hooks"}
routes:
  invoices: {from: [shop], types: ["invoice.*"], to: billing}
`), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan := provision.Plan(&settings.AMQP{Archive: true, ArchiveMaxAge: "7D"}, cfg)
	for _, r := range plan.Routes {
		fmt.Println(r.Name, r.Partitions)
	}
	// Output: invoices 0
}
