// Package amqptest gives tests a real RabbitMQ.
//
//	url := amqptest.Broker(t)                // a virtual host of the test's own
//	vhost := amqptest.New(t)                 // the same, with a hand on its connections and queues
//	node := amqptest.Private(t)              // a broker of the test's own, to stop, kill and alarm
//
// The shared broker is the one that PENSTOCK_TEST_AMQP_URLS names, with its management
// interface at PENSTOCK_TEST_MANAGEMENT_URL; without them the repository's
// `.ci/broker up test` starts one, which later runs use again. A broker that cannot be
// had fails the test: it is never skipped.
package amqptest
