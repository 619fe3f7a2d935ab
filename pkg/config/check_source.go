package config

import (
	"errors"
	"mime"
	"strings"

	"github.com/penstock/penstock/pkg/auth"
	"github.com/penstock/penstock/pkg/config/internal/strict"
)

// maxBody is the largest body that can be allowed. A body that is larger than 14 MiB after
// its compression does not fit the broker's largest message, whatever is allowed.
const maxBody Size = 32 << 20

func (c *checker) source(path string, s *Source) {
	if c.Has(strict.Key(path, "publicURL")) && !c.broken(path, "publicURL") {
		c.url(strict.Key(path, "publicURL"), s.PublicURL, false)
	}
	c.verification(path, s)
	c.relative(strict.Key(path, "auth"), auth.Validate(s.Auth))
	_, err := auth.ParseCIDRs(s.AllowCIDRs)
	c.relative(strict.Key(path, "allowCIDRs"), err)
	c.filled(path, "allowCIDRs", len(s.AllowCIDRs), "leave it out to allow every address")
	if c.Has(strict.Key(path, "maxBody")) && (s.MaxBody < 1 || s.MaxBody > maxBody) && !c.broken(path, "maxBody") {
		c.failf(strict.Key(path, "maxBody"), "the size is 1B to %s", maxBody)
	}
	c.contentTypes(path, s.ContentTypes)
	if at := strict.Key(path, "respond"); s.Respond != nil && !c.broken(path, "provider") {
		c.respond(at, s)
	}
	if s.Quarantine && s.Provider == "" && s.Scheme == nil && !c.broken(path, "provider", "scheme") {
		c.failf(strict.Key(path, "quarantine"), "the source has no provider and no scheme: there is no signature that could become valid")
	}
	if s.OnBrokerOutage != Reject && s.OnBrokerOutage != Spool && !c.broken(path, "onBrokerOutage") {
		c.failf(strict.Key(path, "onBrokerOutage"), "expected %s or %s", Reject, Spool)
	}
}

// filled reports a list that is there without an item. Such a list could be read
// as "nothing" or as "anything", so it is neither.
func (c *checker) filled(path, key string, items int, hint string) {
	if at := strict.Key(path, key); items == 0 && c.Has(at) && !c.broken(path, key) {
		c.failf(at, "the list is empty; %s", hint)
	}
}

// relative adds the problems that package auth found below path, and that do not
// follow from others.
func (c *checker) relative(path string, err error) {
	for _, one := range flatten(err) {
		if p, ok := errors.AsType[*auth.Problem](one); ok && !c.brokenAt(path+p.Path) {
			c.failf(path+p.Path, "%s", p.Text)
		}
	}
}

func (c *checker) contentTypes(path string, types []string) {
	c.filled(path, "contentTypes", len(types), "leave it out to take any")
	at := strict.Key(path, "contentTypes")
	c.once(at, types)
	for i, text := range types {
		kind, params, err := mime.ParseMediaType(text)
		if err != nil || len(params) > 0 || kind != text || !strings.Contains(kind, "/") {
			c.failf(strict.Index(at, i), "%q is not a media type such as application/json, in lower case and without parameters", text)
		}
	}
}

// flatten returns the single errors that err joins, however deep.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error }) // what wraps a join is one error
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, flatten(e)...)
	}
	return all
}
