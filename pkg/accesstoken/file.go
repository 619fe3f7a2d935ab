package accesstoken

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// File is a token in a file, which something else renews in time.
type File struct{ Path string }

// Token reads the file. Of a JWT it knows when it was issued and when it ends; another token
// is looked at again after a minute.
func (f File) Token(context.Context) (Token, error) {
	content, err := os.ReadFile(f.Path)
	if err != nil {
		return Token{}, fmt.Errorf("read the access token: %w", err)
	}
	t := Token{Text: strings.TrimSpace(string(content)), Obtained: time.Now()}
	if t.Text == "" {
		return Token{}, fmt.Errorf("read the access token: %s is empty", f.Path)
	}
	if issued, expires, err := life(t.Text); err == nil {
		t.Obtained, t.Expires = issued, expires
		return t, nil
	}
	t.Expires = t.Obtained.Add(opaqueLife)
	return t, nil
}

// opaqueLife is for how long a token is believed that says nothing of itself: its next look
// is after two thirds of that.
const opaqueLife = 90 * time.Second

// life reads from a JWT when it was issued and when it ends. It verifies nothing: the broker
// does.
func life(token string) (issued, expires time.Time, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return issued, expires, errors.New("not a JWT")
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return issued, expires, err
	}
	var claims struct {
		Issued  float64 `json:"iat"`
		Expires float64 `json:"exp"`
	}
	if err := json.Unmarshal(text, &claims); err != nil {
		return issued, expires, err
	}
	if claims.Issued <= 0 || claims.Expires <= claims.Issued {
		return issued, expires, errors.New("it does not say when it ends")
	}
	return time.Unix(int64(claims.Issued), 0), time.Unix(int64(claims.Expires), 0), nil
}
