package ingest

import "context"

// address refuses senders outside of the networks that the source allows. A
// sender whose address is not known is outside of all.
type address struct{}

func (address) Do(_ context.Context, r *Request) error {
	if r.source.networks.Allows(r.Remote) {
		return nil
	}
	return refuse(KindAddress)
}
