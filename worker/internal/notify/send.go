package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/store"
)

// The bounds of sending: the time of one attempt; the time after which an attempt without a result
// is repeated; the messages of one run; the pauses between attempts; and the time after which a
// message is given up.
const (
	sendTime     = 15 * time.Second
	claimTime    = time.Minute
	dueAtOnce    = 20
	firstPause   = 5 * time.Second
	longestPause = 15 * time.Minute
	patience     = 24 * time.Hour
)

// sendDue sends what is due to a channel, one message after the other.
func (n *Notifier) sendDue(ctx context.Context, c *config.Channel) error {
	due, err := n.Store.DueNotices(ctx, c.Name, n.Now(), dueAtOnce)
	if err != nil {
		return err
	}
	for i := range due {
		if err := n.attemptNotice(ctx, c, &due[i]); err != nil {
			return err
		}
	}
	return nil
}

// attemptNotice sends one notice and records the result, also while ctx ends. The claim comes
// first: another tracker that takes over meanwhile repeats the notice after a while.
func (n *Notifier) attemptNotice(ctx context.Context, c *config.Channel, notice *store.Notice) error {
	mine, err := n.Store.ClaimNotice(ctx, notice, n.Now().Add(claimTime))
	if err != nil || !mine {
		return err
	}
	m, err := n.composeMessage(ctx, c, notice)
	if err != nil {
		return err
	}
	finishing, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime)
	defer cancel()
	problem := n.sendMessage(finishing, c, m)
	noting, done := context.WithTimeout(context.WithoutCancel(ctx), sendTime)
	defer done()
	return n.recordAttempt(noting, c, notice, problem)
}

// recordAttempt stores the result of an attempt.
func (n *Notifier) recordAttempt(ctx context.Context, c *config.Channel, notice *store.Notice, problem error) error {
	now := n.Now()
	if problem == nil {
		return n.Store.EndNotice(ctx, notice.ID, store.NoticeSent, "", now)
	}
	n.Log.Warn("a notification was not taken", zap.String("channel", c.Name), zap.Int64("notice", notice.ID), zap.Int("attempt", notice.Attempts+1), zap.Error(problem))
	if now.Sub(notice.MadeAt) > patience {
		return n.Store.EndNotice(ctx, notice.ID, store.NoticeFailed, problem.Error(), now)
	}
	pause := min(firstPause<<min(notice.Attempts, 10), longestPause)
	if later := (*laterError)(nil); errors.As(problem, &later) {
		pause = max(pause, min(later.wait, longestPause))
	}
	return n.Store.PutOffNotice(ctx, notice.ID, now.Add(pause), problem.Error())
}

// composeMessage makes the message of a notice.
func (n *Notifier) composeMessage(ctx context.Context, c *config.Channel, notice *store.Notice) (*message, error) {
	changes, err := n.Store.ChangesOf(ctx, notice.Changes)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(changes))
	for _, change := range changes {
		ids = append(ids, change.Incident)
	}
	incidents, err := n.Store.IncidentsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	m := &message{ID: fmt.Sprintf("%s-%d-%d", c.Name, notice.ID, notice.MadeAt.UnixMilli()), At: notice.MadeAt, Payloads: c.Payloads, Console: n.ConsoleURL}
	for _, change := range changes {
		if i, there := incidents[change.Incident]; there {
			m.News = append(m.News, news{change, i})
		}
	}
	return m, nil
}

// sendMessage brings a message to a channel.
func (n *Notifier) sendMessage(ctx context.Context, c *config.Channel, m *message) error {
	if len(m.News) == 0 && !m.Test {
		return nil // what it was about was deleted because of its age
	}
	switch {
	case c.Webhook != nil:
		return sendWebhook(ctx, c, m)
	case c.Slack != nil:
		return postJSON(ctx, c, c.Slack.URL.Reveal(), slackBody(m), nil)
	case c.Teams != nil:
		return postJSON(ctx, c, c.Teams.URL.Reveal(), teamsBody(m), nil)
	case c.Email != nil:
		return sendMail(ctx, c, m)
	default:
		return sendPage(ctx, c, m)
	}
}
