package api

import (
	"net/http"
	"slices"

	"github.com/penstock/penstock/pkg/header"
)

// ownHost lets only requests pass that ask for a name of ours, while everyone may do
// everything. A page of a stranger can have a browser ask by the stranger's own name, and
// have that name lead here; then the browser lets it read the answers (DNS rebinding).
func (s *Server) ownHost(next http.Handler) http.Handler {
	if !s.options.Guard.Open() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if header.StrangersHost(r.Host) && !slices.Contains(s.options.Names, header.HostName(r.Host)) {
			writeProblem(w, errHost)
			return
		}
		next.ServeHTTP(w, r)
	})
}
