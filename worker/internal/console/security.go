package console

import (
	"net/http"
	"net/url"
)

// policy allows what is ours and nothing inline. Scripts cannot make HTML of text
// either: https://www.w3.org/TR/CSP3/, https://www.w3.org/TR/trusted-types/.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// guarded sets the fields that keep a browser strict.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses a request that changes something and comes from a page of another
// origin, by what browsers say of it in Sec-Fetch-Site or Origin.
func sameOrigin(own *url.URL, refused, next http.Handler) (http.Handler, error) {
	protection := http.NewCrossOriginProtection()
	if own != nil {
		if err := protection.AddTrustedOrigin(own.Scheme + "://" + own.Host); err != nil {
			return nil, err
		}
	}
	protection.SetDenyHandler(refused)
	return protection.Handler(next), nil
}

// secure reports whether the browser speaks TLS with us, or with the proxy before us.
// Nobody gains from a lie: it only makes his own cookie stricter.
func (c *Console) secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" || c.URL != nil && c.URL.Scheme == "https"
}
