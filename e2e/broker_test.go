package e2e

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
)

// operator looks into the broker as an operator would, past Penstock.
type operator struct {
	t    *testing.T
	url  string
	conn *amqp.Connection
}

// operator returns an operator's view of the test's vhost.
func (s *stack) operator() *operator {
	s.t.Helper()
	o := &operator{t: s.t, url: s.broker}
	o.connect()
	s.t.Cleanup(func() { _ = o.conn.CloseDeadline(time.Now().Add(time.Second)) })
	return o
}

func (o *operator) connect() {
	o.t.Helper()
	conn, err := amqp.Dial(o.url)
	require.NoError(o.t, err)
	o.conn = conn
}

// channel opens a channel. What is asked of a queue that was deleted a moment ago may end the
// whole connection (541): then it connects again.
func (o *operator) channel() *amqp.Channel {
	o.t.Helper()
	if o.conn.IsClosed() {
		o.connect()
	}
	ch, err := o.conn.Channel()
	require.NoError(o.t, err)
	return ch
}

// await takes the next message of a queue.
func (o *operator) await(queue string) amqp.Delivery {
	o.t.Helper()
	var got amqp.Delivery
	require.Eventually(o.t, func() bool {
		ch := o.channel()
		defer func() { _ = ch.Close() }()
		d, ok, err := ch.Get(queue, true)
		got = d
		return ok && err == nil
	}, 60*time.Second, 50*time.Millisecond, "nothing came to %s", queue)
	return got
}

// awaitQueue waits until there is a queue. A failed look closes its channel.
func (o *operator) awaitQueue(queue string) {
	o.t.Helper()
	require.Eventually(o.t, func() bool {
		ch := o.channel()
		defer func() { _ = ch.Close() }()
		_, err := ch.QueueDeclarePassive(queue, true, false, false, false, nil)
		return err == nil
	}, 60*time.Second, 100*time.Millisecond, "there is no %s", queue)
}

// takeOut takes one message out of a queue, and leaves the others. It consumes, because a
// queue with a single active consumer gives nothing away otherwise.
func (o *operator) takeOut(queue, id string) {
	o.t.Helper()
	ch := o.channel()
	deliveries, err := ch.Consume(queue, "", false, false, false, false, nil)
	require.NoError(o.t, err)
	late := time.After(60 * time.Second)
	for {
		select {
		case d, ok := <-deliveries:
			require.True(o.t, ok, "%s gave nothing", queue)
			if d.MessageId == id {
				require.NoError(o.t, d.Ack(false))
				require.NoError(o.t, ch.Close())
				return
			}
		case <-late:
			require.Fail(o.t, "the event is not in "+queue)
		}
	}
}

// requireEmpty waits until a queue holds no message that is ready.
func (o *operator) requireEmpty(queue string) {
	o.t.Helper()
	require.Eventually(o.t, func() bool {
		ch := o.channel()
		defer func() { _ = ch.Close() }()
		q, err := ch.QueueDeclarePassive(queue, true, false, false, false, nil)
		return err == nil && q.Messages == 0
	}, 30*time.Second, 50*time.Millisecond, "%s does not drain", queue)
}

func (o *operator) deleteQueue(queue string) {
	o.t.Helper()
	_, err := o.channel().QueueDelete(queue, false, false, false)
	require.NoError(o.t, err)
}

// node is a broker that one test may stop and kill.
type node struct {
	t    *testing.T
	name string
}

// startNode starts a private broker of that name and returns it with its AMQP URL.
func startNode(t *testing.T, name string) (n *node, url string) {
	t.Helper()
	n = &node{t, name}
	n.run("wipe")
	t.Cleanup(func() { n.run("wipe") })
	for line := range strings.Lines(n.run("up")) {
		if value, found := strings.CutPrefix(strings.TrimSpace(line), "PENSTOCK_TEST_AMQP_URLS="); found {
			return n, value
		}
	}
	require.Fail(t, "the broker named no URL")
	return nil, ""
}

func (n *node) run(command string, args ...string) string {
	n.t.Helper()
	cmd := exec.Command("../.ci/broker", append([]string{command, n.name}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(n.t, err, "broker %s %s", command, n.name)
	return string(out)
}
