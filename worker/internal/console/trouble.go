package console

import "github.com/penstock/penstock/worker/internal/store"

// troubles are what keeps a job from going on, as a sentence for people.
var troubles = map[store.Trouble]string{
	store.BrokerUnavailable:  "The broker cannot be reached, or takes nothing. The job goes on when it is back.",
	store.NotConfirmed:       "The broker did not confirm in time. It is tried again.",
	store.RefusedByBroker:    "The broker refuses what is replayed: a queue is full, or has no leader. It is tried again.",
	store.NoQueue:            "No queue takes what is replayed. Does a deliverer or a gateway run with this configuration?",
	store.ArchiveUnavailable: "The archive cannot be read now. It is tried again.",
	store.DeadLettersInUse:   "Somebody else consumes the dead letters, and so holds some of them. It is tried again.",
	store.NotSettled:         "Some deliveries are where they were. They are tried again.",
	store.TooManyTombstones:  "As many as 50,000 cancelled events have not surfaced yet, and no more can be kept. The job goes on as they do.",
	store.DelivererBehind:    "A deliverer has not confirmed yet that it lets the events go, or attempts one of them. The job goes on when it has; the job waits half a minute for one that died.",
	store.DelivererTooOld:    "A deliverer of an older version runs, which would attempt the events all the same. The job goes on when it is replaced.",
	store.UnknownConsumer:    "A program that is no deliverer consumes the queue of the route, and would attempt the events all the same. The job goes on when it has stopped.",
	store.InternalTrouble:    "Something went wrong in the tracker, whose log says more. It is tried again.",
	store.UnknownRoute:       "The configuration does not have the route any more.",
	store.NoArchive:          "There is no archive (PENSTOCK_ARCHIVE, PENSTOCK_STREAMS), so only dead letters can be replayed.",
	store.UnknownPosition:    "Another version of Penstock worked on it and noted how far it came in its own words. Make a new job.",
}

// trouble returns the sentence, or the name itself when it is a newer one.
func trouble(name any) string {
	if sentence, known := troubles[store.Trouble(text(name))]; known {
		return sentence
	}
	return text(name)
}
