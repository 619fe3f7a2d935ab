// Package routing knows which routes take an event.
//
//	table := routing.NewTable(map[string][]string{"invoices": {"shop.invoice.*"}})
//	routes := table.Match("shop", "invoice.paid") // invoices
//
// A route's patterns are those of a topic exchange
// (https://www.rabbitmq.com/tutorials/amqp-concepts#exchange-topic): "<source>.<pattern of
// types>". Besides, * and # stand for whole segments between slashes: "shop.orders/*" takes
// orders/create. The gateway publishes by this table, and what reads events later must not
// disagree with it.
package routing
