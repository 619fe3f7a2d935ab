// Package observe measures what every process has to do with: how its connections to
// RabbitMQ stand, how long its publishes take to be confirmed, and what became of the
// changes of its configuration.
//
//	maker := instrument.From(tel.Meter)
//	observe.Links(maker, observe.Uses{Publish: publisher.Links, Consume: consumer.Links})
//	timed := observe.NewPublisher(publisher, observe.NewDurations(maker))
//	if err := maker.Err(); err != nil { … }
//
// A [Publisher] stands in front of the real one, so that nobody who publishes has to
// measure.
package observe
