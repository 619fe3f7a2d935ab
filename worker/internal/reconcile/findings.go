package reconcile

import (
	"slices"
	"strings"
	"time"

	"github.com/penstock/penstock/worker/internal/adapter"
)

// The kinds of findings.
const (
	FindingDisabled = "disabled"
	FindingURL      = "url"
	FindingTypes    = "types"
	FindingSecret   = "secret"
	FindingToken    = "token"
)

// How long a change is shown, and how near its end a credential may be.
const (
	shownFor = 24 * time.Hour
	nearEnd  = 14 * 24 * time.Hour
)

// Finding is something about a subscription that a person should look at.
type Finding struct {
	Kind    string    `json:"kind"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`               // when it was found
	Changed bool      `json:"change,omitempty"` // it is a change, which is over, and shown for a while
}

// looked is one look at a subscription, with what the last one has found.
type looked struct {
	last      Report
	now       *adapter.Report
	publicURL string        // of the source; empty: not known
	manage    string        // where a person changes the subscription
	secretAge time.Duration // that a secret may have; zero: any
	at        time.Time
	all       []Finding
}

// findings are what is wrong now, and what has changed lately.
func (l *looked) findings() []Finding {
	for _, f := range l.last.Findings {
		if f.Changed && f.At.Add(shownFor).After(l.at) {
			l.all = append(l.all, f)
		}
	}
	if end := l.now.Expires; !end.IsZero() && end.Sub(l.at) < nearEnd {
		l.add(FindingToken, "The account's credential ends on "+end.Format(time.DateOnly)+". Make another one.", false)
	}
	if s := l.now.Subscription; s != nil {
		l.findStates(s)
		if was := l.last.Subscription; was != nil {
			l.findChanges(was, s)
		}
	}
	return l.all
}

func (l *looked) findStates(s *adapter.Subscription) {
	if !s.Active {
		l.add(FindingDisabled, "The provider has disabled the subscription: it sends nothing. Enable it in "+l.manage+".", false)
	}
	if l.publicURL != "" && s.URL != l.publicURL {
		l.add(FindingURL, "The subscription has another URL than the source's publicURL. Change one of them; the subscription's in "+l.manage+".", false)
	}
	if since := l.last.SecretSince; l.secretAge > 0 && !since.IsZero() && l.at.Sub(since) > l.secretAge {
		l.add(FindingSecret, "The secret is that of "+since.Format(time.DateOnly)+" or an older one, and so older than secretMaxAge. Give the source another one beside it, then the subscription in "+l.manage+".", false)
	}
}

func (l *looked) findChanges(was, is *adapter.Subscription) {
	if was.URL != is.URL {
		l.add(FindingURL, "The subscription's URL has changed. Was that meant? Look at "+l.manage+".", true)
	}
	if less := missing(was.Types, is.Types); len(less) > 0 {
		l.add(FindingTypes, "The subscription does not send these types any more: "+strings.Join(less, ", ")+". Was that meant? Look at "+l.manage+".", true)
	}
	if was.Secret != "" && is.Secret != "" && was.Secret != is.Secret {
		l.add(FindingSecret, "The subscription's secret has changed. The source needs the new one too; it is in "+l.manage+".", true)
	}
}

// add adds a finding. One of a state is as old as its first look.
func (l *looked) add(kind, text string, changed bool) {
	f := Finding{Kind: kind, Text: text, At: l.at, Changed: changed}
	for _, old := range l.last.Findings {
		if !changed && !old.Changed && old.Kind == kind && old.Text == text {
			f.At = old.At
		}
	}
	l.all = append(l.all, f)
}

// secretSince returns from when on the secret is the present one at the latest; zero when the
// provider says nothing of it. A subscription that was not changed since a time has no newer
// secret. One whose secret is shown is as old as that was seen for.
func (l *looked) secretSince() time.Time {
	s := l.now.Subscription
	switch was := l.last.Subscription; {
	case s == nil:
		return l.last.SecretSince
	case s.Secret == "":
		return s.Changed
	case was != nil && was.Secret == s.Secret && !l.last.SecretSince.IsZero():
		return l.last.SecretSince
	case !s.Changed.IsZero():
		return s.Changed
	default:
		return l.at
	}
}

// missing returns the types that were sent and are not any more.
func missing(was, is []string) []string {
	if slices.Contains(is, "*") {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(was), func(t string) bool { return slices.Contains(is, t) })
}
