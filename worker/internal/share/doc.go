// Package share divides the limits of destinations among the deliverers of an installation.
//
// A deliverer says on the exchange penstock.peers four times a second which destinations with
// limits it serves, and how many attempts are under way (message.go). It hears what the others
// say, and itself, through a queue that goes with its connection. From what it has heard within
// the last second it knows who shares a limit (table.go), and which part is its own (part.go):
// every deliverer comes to the same answer, and needs nobody to ask.
//
// # Who comes and who goes
//
// A deliverer that has just come uses nothing until the others have heard it and use less.
// One that stops says so when its attempts have ended, and one that is killed is not heard
// any more: a second later the others use its part. One that does not hear itself has lost
// its lease: it goes on with its last part, and after ten seconds with less and less of it.
//
// One that has never heard itself, because the exchange or a right is missing, uses the whole
// limit, as if it were alone, and says so in its log.
package share
