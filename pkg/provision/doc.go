// Package provision gives an installation what it needs in RabbitMQ: it makes the plan of
// a configuration, and has it declared or checked.
//
//	plan := provision.Plan(&settings.AMQP, cfg)
//	standing, err := provision.Ensure(ctx, provision.AccessFor(&settings.AMQP, "penstock-gateway"), plan)
//
// Every process, and the command line, must mean the same by a configuration: a route that
// one of them binds in another way than the rest loses events. So there is one plan, made here.
package provision
