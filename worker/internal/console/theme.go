package console

import "net/http"

// year is how long a browser keeps the theme, in seconds.
const year = 365 * 24 * 3600

func themeOf(r *http.Request) string {
	if cookie, err := r.Cookie(themeCookie); err == nil && (cookie.Value == "light" || cookie.Value == "dark") {
		return cookie.Value
	}
	return ""
}

// setTheme answers POST /theme.
func (c *Console) setTheme(w http.ResponseWriter, r *http.Request) error {
	if theme := r.PostFormValue("theme"); theme == "light" || theme == "dark" {
		http.SetCookie(w, c.cookie(r, themeCookie, theme, year))
	} else {
		http.SetCookie(w, c.cookie(r, themeCookie, "", -1))
	}
	http.Redirect(w, r, back(r.PostFormValue("back")), http.StatusSeeOther) //nolint:gosec // back lets only our own pages through
	return nil
}
