package process

import (
	"context"
	"io"
	"math"
	"os"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/memory"
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
	ConfigFile() string
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
	logMemory(log, memory.Limit())
	for _, warning := range settings.Misspelt(&s, os.Environ()) {
		log.Warn(warning)
	}
	service, err := start(ctx, s, env, log)
	if err != nil {
		return err
	}
	return service.Run(ctx)
}

// logMemory logs what bounds the memory of the process.
func logMemory(log *zap.Logger, b memory.Bound) {
	fields := []zap.Field{zap.String("from", b.From)}
	if b.Container > 0 {
		fields = append(fields, zap.Int64("containerBytes", b.Container))
	}
	if b.Go < math.MaxInt64 {
		fields = append(fields, zap.Int64("goBytes", b.Go))
	}
	log.Info("memory limit", fields...)
}
