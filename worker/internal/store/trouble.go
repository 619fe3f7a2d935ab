package store

// Trouble is why a job failed, or what it waits for. It is a closed set; its texts are
// part of the API. The log says more, with the job's id.
type Trouble string

// The troubles. The first group passes by itself or by what an operator does to the broker, and the job
// goes on; the second one ends the job.
const (
	NoTrouble          Trouble = ""
	BrokerUnavailable  Trouble = "broker-unavailable"  // no connection, or the broker blocks publishers
	NotConfirmed       Trouble = "not-confirmed"       // the broker did not confirm in time
	RefusedByBroker    Trouble = "refused-by-broker"   // a queue is full, or has no leader
	NoQueue            Trouble = "no-queue"            // no queue took what was replayed
	ArchiveUnavailable Trouble = "archive-unavailable" // the archive cannot be read now
	DeadLettersInUse   Trouble = "dead-letters-in-use" // somebody else consumes the dead letters
	NotSettled         Trouble = "not-settled"         // some deliveries are where they were, and come again
	TooManyTombstones  Trouble = "too-many-tombstones" // so many cancelled events have not surfaced that no more can be kept
	DelivererBehind    Trouble = "deliverer-behind"    // a deliverer has not confirmed that it knows the tombstones, or still attempts an event
	DelivererTooOld    Trouble = "deliverer-too-old"   // a deliverer's version knows no tombstones
	UnknownConsumer    Trouble = "unknown-consumer"    // a program that is no deliverer consumes the queue of the route
	InternalTrouble    Trouble = "internal"            // anything else

	UnknownRoute    Trouble = "unknown-route"    // the configuration has no route of the name any more
	NoArchive       Trouble = "no-archive"       // without an archive, only dead letters can be replayed
	UnknownPosition Trouble = "unknown-position" // another version of Penstock noted how far it came
)

// Troubles returns all of them but NoTrouble.
func Troubles() []Trouble {
	return []Trouble{
		BrokerUnavailable, NotConfirmed, RefusedByBroker, NoQueue, ArchiveUnavailable, DeadLettersInUse, NotSettled,
		TooManyTombstones, DelivererBehind, DelivererTooOld, UnknownConsumer,
		InternalTrouble, UnknownRoute, NoArchive, UnknownPosition,
	}
}
