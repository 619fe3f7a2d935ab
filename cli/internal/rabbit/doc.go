// Package rabbit asks RabbitMQ's management interface what AMQP cannot tell: which
// queues and which bindings there are.
//
//	m, err := rabbit.New(ctx, "http://127.0.0.1:15672", broker)
//	queues, err := m.Queues(ctx, "penstock.")
//	bindings, err := m.Bindings(ctx, "penstock.events")
//
// The user needs the tag management, and only reads.
package rabbit
