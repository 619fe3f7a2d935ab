package amqpx

import (
	"cmp"
	"context"
	"time"

	"go.uber.org/zap"
)

// renewal is what a session has to do to stay logged in. The zero value: nothing.
type renewal struct {
	read     func(context.Context) (Login, error)
	password string    // that the broker knows
	at       time.Time // when it is time for the next one
}

// renewLater is how long to wait when the next token is not there yet. The present one has a
// third of its life left at first.
const renewLater = time.Second

// keepLogin gives the broker the next access token whenever it is time, until the session or
// ctx ends. A token that ends without a next one ends the session: the broker closes it.
func (s *session) keepLogin(ctx context.Context, log *zap.Logger) {
	r := s.renewal
	for tries := 0; !r.at.IsZero(); {
		select {
		case <-ctx.Done():
			return
		case <-s.sock.done:
			return
		case <-time.After(max(time.Until(r.at), renewLater/4)):
		}
		err := s.renew(ctx, &r)
		if err == nil {
			tries = 0
			continue
		}
		if tries++; powerOfTwo(tries) && ctx.Err() == nil {
			log.Warn("the login to RabbitMQ could not be renewed; trying again", zap.Error(err), zap.Int("tries", tries))
		}
		r.at = time.Now().Add(renewLater)
	}
}

func (s *session) renew(ctx context.Context, r *renewal) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	next, err := r.read(ctx)
	if err = cmp.Or(err, next.Stale); err != nil {
		return err
	}
	if next.Password == r.password { // a file that was not renewed yet
		r.at = time.Now().Add(renewLater)
		return nil
	}
	err = s.exchange("update the secret", func() error { return s.conn.UpdateSecret(next.Password, "the access token is renewed") })
	if err != nil {
		return err
	}
	r.password, r.at = next.Password, next.Renew
	return nil
}
