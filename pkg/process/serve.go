package process

import (
	"context"
	"io"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/pkg/telemetry"
)

// Service is what has been started, and runs until its context is done.
type Service interface {
	Run(ctx context.Context) error
}

// Settings points to settings that embed [settings.Process].
type Settings[S any] interface {
	*S
	Logging() (level, format string)
}

// Serve loads the settings S from the environment, starts a service with them that logs
// to stdout, and runs it until ctx is done. Wrong settings are [Misused].
func Serve[S any, P Settings[S], R Service](
	ctx context.Context, env config.Lookup, stdout io.Writer, start func(context.Context, S, config.Lookup, *zap.Logger) (R, error),
) error {
	var s S
	if err := settings.Load(&s); err != nil {
		return Misused(err)
	}
	level, format := P(&s).Logging()
	log, err := telemetry.Logger(stdout, level, format)
	if err != nil {
		return Misused(err)
	}
	service, err := start(ctx, s, env, log)
	if err != nil {
		return err
	}
	return service.Run(ctx)
}
