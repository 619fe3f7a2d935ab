package console

import "net/http"

// notice says on the next page what was done.
type notice struct{ Kind, Text string }

// notices are all that there are. The browser keeps only which one is due.
var notices = map[string]notice{
	"acknowledged":  {"good", "The incident is acknowledged: others see that you look after it."},
	"muted":         {"good", "The incident is muted. It is not notified of until then, and stays in the list."},
	"unmuted":       {"good", "The incident is not muted any more."},
	"resolved":      {"good", "The incident is resolved. Its next failure opens it again."},
	"paused":        {"good", "The destination is paused. Its events wait in their queues, untried, until you resume it."},
	"resumed":       {"good", "The destination is resumed. Its events are delivered again."},
	"route-paused":  {"good", "The route is paused. Its events wait in its queue, untried, until you resume it. Other routes to its destination go on."},
	"route-resumed": {"good", "The route is resumed. Its events are delivered again, unless its destination is paused."},
	"released":      {"good", "The request has become an event. It is delivered like any other."},
	"copy":          {"warn", "Nothing was published: the request is a copy of one that was released before."},
	"recovering":    {"good", "What is missing is being recovered. This page shows how far that is."},
	"cancelled":     {"good", "The job stops. What it has done stays done."},
	"none":          {"warn", "Nothing was selected, so nothing was done."},
	"signed-out":    {"good", "You are signed out."},
}

// leave sends the visitor on to a page that shows the notice.
func (c *Console) leave(w http.ResponseWriter, r *http.Request, to, due string) {
	if due != "" {
		http.SetCookie(w, c.cookie(r, noticeCookie, due, 30))
	}
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // to is a page of ours: callers pass their own paths, or what back let through
}

// takeNotice returns the notice that is due, once. It is not for a script that keeps a
// page up to date: nobody would see it there.
func (c *Console) takeNotice(w http.ResponseWriter, r *http.Request) *notice {
	cookie, err := r.Cookie(noticeCookie)
	if err != nil || r.Header.Get("X-Requested-With") != "" {
		return nil
	}
	http.SetCookie(w, c.cookie(r, noticeCookie, "", -1))
	if due, ok := notices[cookie.Value]; ok {
		return &due
	}
	return nil
}
