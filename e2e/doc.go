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
//
// With the build tag prove it is the fault suite of `make prove`: a site of two gateways
// and two deliverers on a cluster of three nodes suffers each of the faults in
// prove_faults_test.go under load, and what was accepted and not delivered is counted.
package e2e
