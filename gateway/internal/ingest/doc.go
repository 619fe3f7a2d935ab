// Package ingest decides what happens to a webhook request, from the source's
// name in its path to the broker's confirmation. It knows no web framework.
//
// A [Pipeline] is a list of stages, one a file, in the order in which they can
// refuse, cheapest first:
//
//	lookup       the source is known                       404
//	method       it takes this method                      405
//	address      the sender's address is allowed           403
//	suspect      the address did not fail too often        429
//	rate         the source is within its rate             429
//	size         the declared length is within the limit   413
//	contenttype  the source takes this content type        415
//	admit        there is room for one more request        503
//	body         the body, read within the limits          400 408 413 503
//	handshake    the provider's question, if it is one     answered 429
//	auth         the sender's credentials                  401
//	verify       the signature                             401
//	identify     the provider's id and type of the event
//	once         not accepted before                       answered, 503
//	publish      confirmed by the broker, and routed       413 431 503
//	reply        the provider's own answer, or 202
//
// Each stage either lets the request go on, ends it with an [Answer], or refuses
// it with a [*Refusal]. An answer to an event is made only after the broker
// confirmed a persistent, mandatory publish that it did not return.
//
// The sources stand in a [Table] that is compiled from the configuration and
// replaced in one step on a reload; a request uses one table from start to end.
package ingest
