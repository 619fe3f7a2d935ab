// Package e2e tests Penstock from outside: it builds the programs, starts them as
// processes against a real RabbitMQ, sends what a provider would send, and looks
// only at what a sender, a receiver and an operator can see.
//
// A test starts with [setup], which gives it a vhost, a receiver and a
// configuration of its own, so that the tests run side by side:
//
//	s := setup(t, config{})
//	s.startGateway()
//	s.startDeliverer()
//	id := s.accept(githubEvent("push", 1))
//	s.receiver.await(id)
package e2e
