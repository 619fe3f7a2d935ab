package telemetry

import (
	"fmt"
	"io"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// How lines are thinned out: of those that say the same at the same level, the first of
// each second are written, and after them every so many.
const (
	linesFirst = 100
	linesEach  = 100
)

// Logger returns a logger that writes to w. The level is debug, info, warn or
// error; the format json, or console for people. Of the lines with the same message it
// writes the first hundred of a second, and every hundredth that follows.
func Logger(w io.Writer, level, format string) (*zap.Logger, error) {
	lvl, err := zapcore.ParseLevel(level)
	if err != nil {
		return nil, fmt.Errorf("log level %q: use debug, info, warn or error", level)
	}
	encoder, err := newEncoder(format)
	if err != nil {
		return nil, err
	}
	core := zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(w)), lvl)
	return zap.New(zapcore.NewSamplerWithOptions(core, time.Second, linesFirst, linesEach)), nil
}

func newEncoder(format string) (zapcore.Encoder, error) {
	switch format {
	case "json":
		c := zap.NewProductionEncoderConfig()
		c.TimeKey, c.EncodeTime = "time", zapcore.RFC3339NanoTimeEncoder
		c.EncodeDuration = zapcore.StringDurationEncoder
		return zapcore.NewJSONEncoder(c), nil
	case "console":
		c := zap.NewDevelopmentEncoderConfig()
		c.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05.000")
		return zapcore.NewConsoleEncoder(c), nil
	default:
		return nil, fmt.Errorf("log format %q: use json or console", format)
	}
}
