package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"
)

// maxBody bounds the body of a request, in bytes.
const maxBody = 256 << 10

// read decodes the body of a request. Its errors are the caller's to mend.
func read[T any](c echo.Context) (T, error) {
	var into T
	r := c.Request()
	if media, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType)); err != nil || media != echo.MIMEApplicationJSON {
		return into, &failure{http.StatusUnsupportedMediaType, "refused", "Unsupported media type", "Send Content-Type: application/json."}
	}
	d := json.NewDecoder(http.MaxBytesReader(c.Response(), r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(&into)
	if err == nil && !errors.Is(d.Decode(new(any)), io.EOF) {
		err = errors.New("something follows the object")
	}
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return into, &failure{http.StatusRequestEntityTooLarge, "refused", "Too large", fmt.Sprintf("A body has at most %d bytes.", maxBody)}
	}
	if err != nil {
		return into, invalid("The body is not what is asked for: " + err.Error() + ".")
	}
	return into, nil
}
