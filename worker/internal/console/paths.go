package console

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/penstock/penstock/worker/internal/api"
)

// page answers a request of somebody who is signed in.
type page func(w http.ResponseWriter, r *http.Request, v *visitor) error

// routes is the table of all pages, and of what they do.
func (c *Console) routes() (http.Handler, error) {
	mux := http.NewServeMux()
	for path, show := range c.listPages() {
		mux.Handle("GET "+Base+path, c.signedIn(show))
	}
	for path, change := range c.listChanges() {
		mux.Handle("POST "+Base+path, c.signedIn(writing(change)))
	}
	mux.Handle("GET "+Base+"/sign-in", c.anyone(c.showSignIn))
	mux.Handle("POST "+Base+"/sign-in", c.anyone(c.signIn))
	mux.Handle("POST "+Base+"/sign-out", c.anyone(c.signOut))
	mux.Handle("POST "+Base+"/theme", c.anyone(c.setTheme))
	if c.identity != nil {
		mux.Handle("GET "+Base+"/oidc", c.anyone(c.askIdentity))
		mux.Handle("GET "+callbackPath, c.anyone(c.takeIdentity))
	}
	mux.Handle("GET "+c.assets.prefix(), c.assets.handler())
	mux.Handle("GET "+Base, http.RedirectHandler(Base+"/", http.StatusMovedPermanently))
	refused := c.anyone(func(http.ResponseWriter, *http.Request) error { return errCrossOrigin })
	protected, err := sameOrigin(c.URL, refused, mux)
	return guarded(c.recovered(bounded(protected))), err
}

func (c *Console) listPages() map[string]page {
	return map[string]page{
		"/{$}":                 c.showOverview,
		"/events":              c.showEvents,
		"/events/{id}":         c.showEvent,
		"/events/{id}/payload": c.download,
		"/incidents":           c.showIncidents,
		"/incidents/{id}":      c.showIncident,
		"/dead":                c.showDead,
		"/quarantine":          c.showQuarantine,
		"/quarantine/{id}":     c.showQuarantined,
		"/jobs":                c.showJobs,
		"/jobs/{id}":           c.showJob,
		"/routes":              c.showRoutes,
		"/routes/{name}":       c.showRoute,
		"/destinations":        c.showDestinations,
		"/sources":             c.showSources,
		"/sources/{name}":      c.showSource,
		"/add":                 c.showProviders,
		"/add/{id}":            c.showProvider,
		"/gaps":                c.showGaps,
		"/ledger":              c.showLedger,
		"/audit":               c.showAudit,
		"/":                    func(http.ResponseWriter, *http.Request, *visitor) error { return errNotFound },
	}
}

func (c *Console) listChanges() map[string]page {
	return map[string]page{
		"/events/{id}/replay":         c.replayEvent,
		"/events/{id}/discard":        c.discardEvent,
		"/events/{id}/cancel":         c.actOnWaitingEvent(api.Cancel),
		"/events/{id}/retry-now":      c.actOnWaitingEvent(api.RetryNow),
		"/events":                     c.actOnWaiting,
		"/incidents/{id}/acknowledge": c.acknowledgeIncident,
		"/incidents/{id}/mute":        c.muteIncident,
		"/incidents/{id}/resolve":     c.resolveIncident,
		"/incidents/{id}/work":        c.workOnIncident,
		"/dead":                       c.actOnDead,
		"/quarantine":                 c.checkQuarantine,
		"/quarantine/{id}":            c.checkQuarantined,
		"/jobs/{id}/cancel":           c.cancelJob,
		"/gaps/{name}/recover":        c.recoverGaps,
		"/destinations/{name}/pause":  c.pauseDestination,
		"/destinations/{name}/resume": c.resumeDestination,
		"/routes/{name}/pause":        c.pauseRoute,
		"/routes/{name}/resume":       c.resumeRoute,
	}
}

// anyone answers a request of whoever it is.
func (c *Console) anyone(answer func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := answer(w, r); err != nil {
			c.fail(w, r, nil, err)
		}
	})
}

// signedIn answers only who has signed in, and shows others how to.
func (c *Console) signedIn(answer page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := c.visitorOf(r)
		switch {
		case err == nil:
			err = answer(w, r, v)
		case !errors.Is(err, errNobody):
		case cameFromElsewhere(r):
			err = c.comeAgain(w, r, r.URL.RequestURI())
		default:
			c.sendToSignIn(w, r)
			return
		}
		if err != nil {
			c.fail(w, r, v, err)
		}
	})
}

// writing refuses who may only read.
func writing(change page) page {
	return func(w http.ResponseWriter, r *http.Request, v *visitor) error {
		if !v.Write {
			return errReadOnly
		}
		return change(w, r, v)
	}
}

// maxForm bounds the body of a request, in bytes: a form with the ids of a page.
const maxForm = 1 << 20

// bounded limits what a request may send, and how long its answer may take.
func bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), answerTime)
		defer cancel()
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// back returns where to go after a form: to a page of ours, and to nowhere else.
func back(path string) string {
	if !strings.HasPrefix(path, Base+"/") || strings.ContainsAny(path, "\\\r\n\t") || strings.Contains(path, "//") {
		return Base + "/"
	}
	return path
}
