package admin

import (
	"encoding/json"
	"errors"
	"net/http"
)

// Check is one thing that the process needs to do its job.
type Check struct {
	Name  string       // a word or two, as readers of /readyz see it
	Ready func() error // nil when it holds; must return at once
}

// tolerated is what is wrong and yet keeps the process from no job of its own.
type tolerated struct{ error }

func (t tolerated) Unwrap() error { return t.error }

// Tolerate makes of what is wrong something that a check shows without failing. It
// returns nil for nil.
func Tolerate(err error) error {
	if err == nil {
		return nil
	}
	return tolerated{err}
}

// readiness is the body of /readyz.
type readiness struct {
	Ready  bool              `json:"ready"`
	Checks map[string]string `json:"checks"` // "ok", or what is wrong
}

var errDraining = errors.New("stopping")

// Ready reports whether /readyz answers 200.
func (s *Server) Ready() bool { return s.readiness().Ready }

func (s *Server) readiness() readiness {
	state := readiness{Ready: true, Checks: map[string]string{}}
	for _, c := range s.options.Checks {
		state.add(c.Name, c.Ready())
	}
	if s.draining.Load() {
		state.add("process", errDraining)
	}
	return state
}

func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	state := s.readiness()
	w.Header().Set("Content-Type", "application/json")
	if !state.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(state) //nolint:errchkjson // it fails only when the asker has gone
}

func (r *readiness) add(name string, err error) {
	if err == nil {
		r.Checks[name] = "ok"
		return
	}
	r.Checks[name] = err.Error()
	if _, tolerable := errors.AsType[tolerated](err); !tolerable {
		r.Ready = false
	}
}
