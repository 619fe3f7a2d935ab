package view

import (
	"bytes"
	"errors"
	"fmt"

	encoded "github.com/penstock/penstock/pkg/content"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// ErrUnreadable is wrapped by the error of a body that cannot be read, whatever memory
// there is. It has the reason fault.ReasonUnreadable.
var ErrUnreadable = fault.Because(fault.ReasonUnreadable, errors.New("the body cannot be read"))

var errBinary = errors.New("the body is neither JSON nor text")

func unreadable(cause error) error { return fmt.Errorf("%w: %w", ErrUnreadable, cause) }

// content is what a body holds.
type content struct {
	body             any
	form             map[string]any
	bodyErr, formErr error
}

// What a body takes besides its values: its text and, where that is not the body itself,
// what the text is made of, each in bytes for a byte; and some bytes for each field of a form.
const (
	asText    = 1
	recoded   = 2
	fieldSize = 96
)

// leastOf returns the content coding of a body, and how much memory its text takes. JSON that
// is not coded, whatever its header says, was decoded on its way.
func leastOf(e *event.Event) (coding string, least int64, err error) {
	coding = e.Request.Get("Content-Encoding")
	size, err := encoded.DecodedSize(coding, e.Body, event.MaxBody)
	if err != nil {
		if _, plain := encoded.Measure(string(e.Body)); plain != nil {
			return "", 0, unreadable(err)
		}
		coding, size = "", int64(len(e.Body))
	}
	if encoded.Coded(coding) || !encoded.Plain(e.Request.ContentType(), e.Body) {
		return coding, (asText + recoded) * size, nil
	}
	return coding, asText * size, nil
}

// draft is a body that was looked through, and of which no values were built.
type draft struct {
	text             string // of the JSON document, where there is one
	size             encoded.Size
	json             bool
	fields           []encoded.Field
	bodyErr, formErr error
}

// draftOf looks through a body that leastOf approved.
func draftOf(e *event.Event, coding string) draft {
	plain, err := encoded.Decode(coding, e.Body, event.MaxBody)
	if err != nil {
		return draft{bodyErr: unreadable(err), formErr: unreadable(err)}
	}
	contentType := e.Request.ContentType()
	text, isText := encoded.Text(contentType, plain)
	if !isText {
		text = plain
	}
	var d draft
	fields, isForm, err := encoded.Form(contentType, text)
	switch payload, carries := encoded.Payload(fields); {
	case err != nil:
		d.formErr = unreadable(err)
	case carries:
		text, isText = []byte(payload), true
	}
	if isForm {
		d.fields = fields
	}
	d.measure(text, isText)
	return d
}

// measure looks for JSON. What is none is text, if it is anything.
func (d *draft) measure(text []byte, isText bool) {
	d.text = string(text)
	size, err := encoded.Measure(d.text)
	switch {
	case err == nil:
		d.json, d.size = true, size
		if !isText { // JSON with a wrong byte in a text, which is not worth losing it for
			d.text = string(bytes.ToValidUTF8(text, []byte("\ufffd")))
		}
	case !errors.Is(err, encoded.ErrNoJSON):
		d.bodyErr = unreadable(err)
	case !isText:
		d.bodyErr = unreadable(errBinary)
	}
}

// bytes returns how much memory the content takes, of which the text took least.
func (d *draft) bytes(least int64) int64 {
	return least + d.size.Bytes() + fieldSize*int64(len(d.fields))
}

// build makes the values.
func (d *draft) build() content {
	c := content{form: make(map[string]any, len(d.fields)), bodyErr: d.bodyErr, formErr: d.formErr}
	for _, f := range d.fields {
		if _, there := c.form[f.Name]; !there {
			c.form[f.Name] = f.Value
		}
	}
	switch {
	case d.bodyErr != nil:
	case d.json:
		c.body = encoded.Parse(d.text, d.size)
	default:
		c.body = d.text
	}
	return c
}
