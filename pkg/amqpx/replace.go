package amqpx

// Renew replaces the connections over which the broker has refused a publish, one after
// the other, while another one takes publishes. RabbitMQ 3.10 does not say to a channel
// that a queue takes messages again after its limit was lifted, and refuses for ever what
// comes over it. Renew returns at once.
func (p *Publisher) Renew() {
	for _, f := range p.roster.flights() {
		if f.refused.Load() {
			f.abandon()
		}
	}
}

// abandon has the connection replaced, as soon as its line may leave it.
func (f *flight) abandon() {
	if f.stale.CompareAndSwap(false, true) {
		f.renewing <- struct{}{} // it has room for the only one
	}
}
