package trackerclient

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxLine bounds a line of a stream, in bytes: a page of 500 events is far below it.
const maxLine = 8 << 20

// Watch shows the first page of a list, and again whenever it changes, until ctx is done,
// show fails, or the tracker ends the stream, which is io.EOF. It does not come back by
// itself.
func Watch(ctx context.Context, c ClientInterface, p *WatchEventsParams, show func(*EventPage) error) error {
	r, err := c.WatchEvents(ctx, p)
	if err != nil {
		return fmt.Errorf("watch events: %w", err)
	}
	defer func() { _ = r.Body.Close() }() // there is nothing to do about it
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("watch events: %w", refused(r))
	}
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue // a comment, a name or the end of a message: all messages are pages
		}
		var page EventPage
		if err := json.Unmarshal([]byte(data), &page); err != nil {
			return fmt.Errorf("watch events: the tracker sent no page: %w", err)
		}
		if err := show(&page); err != nil {
			return err
		}
	}
	if err := errors.Join(lines.Err(), ctx.Err()); err != nil {
		return fmt.Errorf("watch events: %w", err)
	}
	return io.EOF
}

// refused reads the problem of an answer.
func refused(r *http.Response) error {
	var p Problem
	if json.NewDecoder(io.LimitReader(r.Body, maxLine)).Decode(&p) != nil || p.Type == "" {
		return Check(r, nil)
	}
	return Check(r, &p)
}
