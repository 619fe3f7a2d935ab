package amqpx

import (
	"context"
	"time"

	"go.uber.org/zap"
)

// steady is how long a connection must have lasted for the next wait to be short
// again. One that is lost at once, over and over, is not dialled at full speed.
const steady = 2 * time.Second

// supervise keeps a connection until ctx ends: it dials, lets run use the session
// until that returns, closes it unless it lingers, and starts over, for ever. down is told why there
// is no connection, before the first dial's end and after every loss.
func supervise(ctx context.Context, cfg Config, log *zap.Logger, down func(error), run func(context.Context, *session) error) {
	var wait backoff
	for ctx.Err() == nil {
		session, err := dial(ctx, cfg)
		if err == nil {
			log.Info("connected to RabbitMQ", zap.String("node", session.node), zap.Int("tries", wait.tries+1))
			go session.keepLogin(ctx, log)
			began := time.Now()
			err = run(ctx, session)
			if !session.lingers {
				session.close()
			}
			if time.Since(began) > steady {
				wait.reset()
			}
		}
		if ctx.Err() != nil {
			return
		}
		down(err)
		pause := wait.next()
		if powerOfTwo(wait.tries) {
			log.Warn("no connection to RabbitMQ", zap.Error(err), zap.Int("tries", wait.tries), zap.Duration("wait", pause))
		}
		sleep(ctx, pause)
	}
}

// powerOfTwo thins out the log lines of a broker that stays away.
func powerOfTwo(n int) bool { return n&(n-1) == 0 }
