package diagnose

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/signature"
)

// trial is one slip: the case as it would have been without it.
type trial struct {
	c      Case
	cause  string
	remedy string
}

// detective looks for the slip.
type detective struct {
	ctx   context.Context //nolint:containedctx // it lives for one call of Run
	c     Case
	tried int
}

// explain finds the cause of a failure, with the secrets of the case.
func (d *detective) explain(r signature.Result) []Finding {
	switch r.Reason {
	case signature.Stale, signature.Expired:
		return d.clock(r.Skew)
	case signature.MalformedSignature:
		if found := d.first(d.schemeSlips()); found != nil {
			return []Finding{*found}
		}
		return d.describe(r.Reason)
	case signature.Mismatch, signature.Altered, signature.UnknownKey, signature.MalformedTimestamp:
		return d.mismatch()
	default:
		return d.describe(r.Reason)
	}
}

// describe finds what can be known of a failure without a secret.
func (d *detective) describe(reason signature.Reason) []Finding {
	switch reason {
	case signature.MissingSignature:
		return d.orElse(d.otherProviders(), d.missingSignature)
	case signature.MalformedSignature:
		return append(d.malformed(), d.otherProviders()...)
	case signature.MissingTimestamp, signature.MissingValue:
		return append(d.missingParts(), d.otherProviders()...)
	case signature.Mismatch, signature.Altered, signature.UnknownKey, signature.MalformedTimestamp:
		return append(d.otherProviders(), d.oddities()...)
	case signature.AmbiguousSignature, signature.AmbiguousValue:
		return []Finding{{
			Cause:  "A header or a field is there more than once.",
			Remedy: "Look for a proxy that adds its own, and for a request that was put together from two.",
		}}
	default:
		return nil
	}
}

// orElse adds further findings unless one is proven.
func (d *detective) orElse(found []Finding, more func() []Finding) []Finding {
	if len(found) > 0 && found[0].Proven {
		return found
	}
	return append(found, more()...)
}

// mismatch tries every slip, the simple ones before the compound ones, and stops
// at the first kind that explains it.
func (d *detective) mismatch() []Finding {
	stages := []func() []trial{
		d.secretSlips, d.bodySlips, d.urlSlips, d.secretAndBodySlips, d.schemeSlips,
	}
	for _, slips := range stages {
		if found := d.first(slips()); found != nil {
			return []Finding{*found}
		}
	}
	if found := d.otherProviders(); len(found) > 0 {
		return found
	}
	return append(d.oddities(), d.unexplained())
}

// first returns the first trial with which the signature fits.
func (d *detective) first(trials []trial) *Finding {
	for _, t := range trials {
		if d.ctx.Err() != nil {
			return nil
		}
		d.tried++
		if t.c.fits(d.ctx) {
			return &Finding{Cause: t.cause, Remedy: t.remedy, Proven: true}
		}
	}
	return nil
}

func (d *detective) unexplained() Finding {
	return Finding{
		Cause: fmt.Sprintf("None of %d usual slips explains it, so the secret is likely another one, or the body is not what was sent.", d.tried),
		Remedy: "Compare the secret with the one that the provider shows for this very endpoint: test and live mode, and each endpoint, " +
			"have their own. Capture the raw body, before any framework parses it, and compare its SHA-256 above with the sender's.",
	}
}

func (d *detective) clock(skew time.Duration) []Finding {
	limit := window(d.c.scheme())
	f := Finding{Proven: true, Cause: fmt.Sprintf("It was signed %s ago; %s is allowed.", writeAge(skew), writeAge(limit))}
	f.Remedy = "One of the clocks is wrong, or a queue or a retry held the request back: check that time is synchronised here."
	switch {
	case skew < 0:
		f.Cause = fmt.Sprintf("It was signed %s in the future; %s is allowed.", writeAge(skew), writeAge(limit))
		f.Remedy = "The clock here is behind, or the sender's is ahead: check that time is synchronised. " +
			"If the distance is absurd, the timestamp may be in milliseconds: see the scheme's ts.unit."
	case skew > 20*365*24*time.Hour:
		f.Remedy = "So old a time is most likely one in another unit: see the scheme's ts.unit."
	}
	return []Finding{f}
}
