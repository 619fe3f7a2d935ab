package config_test

import (
	"fmt"
	"os"

	"github.com/penstock/penstock/pkg/config"
)

func ExampleLoad() {
	cfg, err := config.Load("/etc/penstock/penstock.yaml", os.LookupEnv, config.Sources)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range cfg.Warnings {
		fmt.Println("warning:", w)
	}
	// Output: /etc/penstock/penstock.yaml: cannot be read: no such file or directory
}

func ExampleParse() {
	_, err := config.Parse("penstock.yaml", []byte(`
sources:
  shop: {provider: shopfy, secrets: ["${SHOP_SECRET}"]}
routes:
  orders: {from: [shop], to: billing, fliter: body.total > 0}
`), func(string) (string, bool) { return "", false })
	fmt.Println(err)
	// Output:
	// penstock.yaml:3:20: sources.shop.provider: there is no provider "shopfy", did you mean shopify?
	// penstock.yaml:3:38: sources.shop.secrets[0]: the environment variable SHOP_SECRET is not set
	// penstock.yaml:5:30: routes.orders.to: there is no destination "billing"
	// penstock.yaml:5:39: routes.orders.fliter: unknown key, did you mean filter?
}

func ExampleSecret() {
	token := config.NewSecret("xoxb-123")
	fmt.Printf("%v %+v %q\n", token, token, token)
	fmt.Println(len(token.Reveal()))
	// Output:
	// [redacted] [redacted] [redacted]
	// 8
}

func ExampleRoute_Bindings() {
	r := config.Route{From: []string{"github", "stripe"}, Types: []string{"push", "invoice.#"}}
	fmt.Println(r.Bindings())
	// Output: [github.push github.invoice.# stripe.push stripe.invoice.#]
}
