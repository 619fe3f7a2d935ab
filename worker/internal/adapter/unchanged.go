package adapter

import (
	"net/http"
	"sync"
)

// What is remembered of answers: few, and no large ones.
const (
	mostKnown  = 8
	mostToKeep = 1 << 20
)

// unchanged remembers answers that have an entity tag, so that the provider need not send
// them again, and does not count the request where it says so. It is safe for concurrent use,
// and the zero value is empty.
type unchanged struct {
	mu    sync.Mutex
	known map[string]*answer
}

// ask makes a request conditional when its answer is known, and returns the answer's key.
func (u *unchanged) ask(req *http.Request) string {
	if req.Method != http.MethodGet {
		return ""
	}
	key := req.URL.String()
	u.mu.Lock()
	defer u.mu.Unlock()
	if a := u.known[key]; a != nil {
		req.Header.Set("If-None-Match", a.Header.Get("ETag"))
	}
	return key
}

// answer returns what an answer stands for: itself, or the one that has not changed.
func (u *unchanged) answer(key string, a *answer) *answer {
	u.mu.Lock()
	defer u.mu.Unlock()
	last := u.known[key]
	if a.Status == http.StatusNotModified && last != nil {
		return &answer{Status: last.Status, Header: last.Header, Body: last.Body, Now: a.Now}
	}
	if key == "" || a.Status != http.StatusOK || a.Header.Get("ETag") == "" || len(a.Body) > mostToKeep {
		return a
	}
	if u.known == nil || len(u.known) >= mostKnown && last == nil {
		u.known = map[string]*answer{}
	}
	u.known[key] = a
	return a
}
