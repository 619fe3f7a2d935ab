package trackerclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// relaySilence is how long a relay may be silent: the tracker sends a line every few seconds. A
// connection of a machine that slept is silent for ever.
const relaySilence = 20 * time.Second

// errSilent is why a relay ended that was silent.
var errSilent = errors.New("the tracker is silent")

// Follow calls show for each line of the archive that the parameters choose, until ctx is done, show
// fails, the tracker is silent, or it ends the stream, which is io.EOF. While show runs, nothing more
// is read. It does not come back by itself: ask again with the last line's cursor.
func Follow(ctx context.Context, c ClientInterface, p *RelayEventsParams, show func(*RelayLine) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(relaySilence, func() { cancel(errSilent) })
	defer silence.Stop()
	r, err := c.RelayEvents(ctx, p)
	if err != nil {
		return fmt.Errorf("follow the archive: %w", because(ctx, err))
	}
	defer func() { _ = r.Body.Close() }() // there is nothing to do about it
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("follow the archive: %w", refused(r))
	}
	for lines := json.NewDecoder(r.Body); ; {
		var line RelayLine
		if err := lines.Decode(&line); err != nil {
			if errors.Is(err, io.EOF) {
				return io.EOF
			}
			return fmt.Errorf("follow the archive: %w", because(ctx, err))
		}
		silence.Stop()
		if err := show(&line); err != nil {
			return err
		}
		silence.Reset(relaySilence)
	}
}

// because returns why ctx ended, if it did, and otherwise the error.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}
