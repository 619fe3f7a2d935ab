package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/content"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// printPayload prints the body alone.
func (t *tracker) printPayload(ctx context.Context, id string, asText bool) error {
	a, err := t.api.GetPayloadWithResponse(ctx, id)
	body, err := value(t, a, err, func(a *trackerclient.GetPayloadResponse) *[]byte { return &a.Body })
	if err != nil {
		return err
	}
	if !asText {
		_, err = t.Out.Write(*body)
		return err
	}
	r, err := t.api.GetRequestWithResponse(ctx, id)
	request, err := value(t, r, err, (*trackerclient.GetRequestResponse).GetJSON200)
	if err != nil {
		return err
	}
	read := content.Read(firstHeader(request, "Content-Type"), firstHeader(request, "Content-Encoding"), *body, event.MaxBody)
	if !read.Whole {
		return errLargeText
	}
	_, err = fmt.Fprintln(t.Out, t.safe(string(read.Text)))
	return err
}

var errLargeText = errors.New("the decoded body is too large: take it as it came, with --payload into a file")

// safe makes text harmless where a terminal reads it.
func (t *tracker) safe(text string) string {
	if terminal.Is(t.Out) {
		return terminal.Safe(text)
	}
	return text
}

// firstHeader returns the first value of a header field; empty: there is none.
func firstHeader(r *trackerclient.Request, name string) string {
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}
