package adapter

import "context"

// search looks for an event in what an adapter lists of a range.
func search(ctx context.Context, a Adapter, r Range, id string) (Delivery, error) {
	for {
		page, err := a.List(ctx, r)
		if err != nil {
			return Delivery{}, err
		}
		for i := range page.Sent {
			if one := &page.Sent[i]; one.ID == id && one.Delivery != nil {
				return *one.Delivery, nil
			}
		}
		if r.Cursor = page.Next; r.Cursor == "" {
			return Delivery{}, &Error{Trouble: Gone}
		}
	}
}
