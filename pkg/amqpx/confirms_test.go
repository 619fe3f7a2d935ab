package amqpx

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/amqpx/internal/wire"
	"github.com/penstock/penstock/pkg/event"
)

// sent adds a publish of that id that was written.
func sent(t require.TestingT, c *confirms, id string) *pending {
	p := newPending(&request{publish: wire.Publish{Exchange: "e", Key: "k", Message: &event.Message{ID: id}}})
	require.NoError(t, c.add(p, func() error { return nil }))
	return p
}

func TestEachPublishGetsItsOwnAnswer(t *testing.T) {
	t.Parallel()
	c := newConfirms()
	a, b, d, e := sent(t, c, "a"), sent(t, c, "b"), sent(t, c, "d"), sent(t, c, "e")
	c.returning("e", "k")
	c.returned("b")
	c.settle(wire.Answer{Tag: 3, Refused: true})
	c.settle(wire.Answer{Tag: 2, Multiple: true})
	require.NoError(t, <-a.answer)
	require.ErrorIs(t, <-b.answer, ErrReturned)
	require.ErrorIs(t, <-d.answer, ErrNacked)
	require.Empty(t, e.answer)
	c.end()
	require.ErrorIs(t, <-e.answer, ErrUnknown)
	require.ErrorIs(t, c.add(newPending(&request{publish: wire.Publish{Message: &event.Message{}}}), func() error { panic("written") }), errLost)
}

// The first is in a queue that answers nobody; then the message is published again, to
// where no queue is any more.
func TestAReturnIsNotTakenForThatOfAnOlderPublishThatIsNeverAnswered(t *testing.T) {
	t.Parallel()
	c := newConfirms()
	stuck, again := sent(t, c, "a"), sent(t, c, "a")
	require.True(t, c.leave(stuck))
	c.returning("e", "k")
	c.returned("a")
	c.settle(wire.Answer{Tag: 2})
	require.ErrorIs(t, <-again.answer, ErrReturned)
	require.Empty(t, stuck.answer)

	refused, third := sent(t, c, "a"), sent(t, c, "a")
	c.returning("e", "k")
	c.returned("a")
	c.settle(wire.Answer{Tag: 3, Refused: true})
	c.settle(wire.Answer{Tag: 4})
	require.ErrorIs(t, <-refused.answer, ErrNacked)
	require.ErrorIs(t, <-third.answer, ErrReturned)
	require.Empty(t, c.strays)
}

func TestWhatWasNotWrittenTakesNoTag(t *testing.T) {
	t.Parallel()
	c := newConfirms()
	p := newPending(&request{publish: wire.Publish{Message: &event.Message{ID: "a"}}})
	require.ErrorIs(t, c.add(p, func() error { return errSocketClosed }), errSocketClosed)
	first := sent(t, c, "b")
	c.settle(wire.Answer{Tag: 1})
	require.NoError(t, <-first.answer)
	require.Empty(t, p.answer)
}

func TestAnAnswerIsTakenOnceAndAStrangersDoesNothing(t *testing.T) {
	t.Parallel()
	c := newConfirms()
	p := sent(t, c, "a")
	for _, a := range []wire.Answer{{Tag: 7}, {Tag: 0}, {Tag: 1}, {Tag: 1}, {Tag: 1, Multiple: true}, {Tag: 1 << 62, Multiple: true}} {
		c.settle(a)
	}
	require.NoError(t, <-p.answer)
	c.returning("e", "k")
	c.returned("a")
	require.False(t, c.leave(sentAndAnswered(t, c)))
}

func sentAndAnswered(t require.TestingT, c *confirms) *pending {
	p := sent(t, c, "x")
	c.settle(wire.Answer{Tag: c.last})
	return p
}

// The broker may answer in any order, one by one or many at a time; a model keeps what each
// publish is to be told.
func TestAnswersInAnyOrderReachWhomTheyAreFor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := newConfirms()
		publishes := map[uint64]*pending{}
		wants := map[uint64]error{}
		open := func() []uint64 {
			var tags []uint64
			for tag := uint64(1); tag <= c.last; tag++ {
				if _, told := wants[tag]; !told {
					tags = append(tags, tag)
				}
			}
			return tags
		}
		t.Repeat(map[string]func(*rapid.T){
			"publish": func(t *rapid.T) { p := sent(t, c, "id"); publishes[c.last] = p },
			"answer": func(t *rapid.T) {
				tags := open()
				if len(tags) == 0 {
					t.Skip()
				}
				a := wire.Answer{Tag: rapid.SampledFrom(tags).Draw(t, "tag"), Multiple: rapid.Bool().Draw(t, "multiple"), Refused: rapid.Bool().Draw(t, "refused")}
				answered := 0
				for _, tag := range tags {
					if tag == a.Tag || a.Multiple && tag < a.Tag {
						wants[tag] = map[bool]error{true: ErrNacked}[a.Refused]
						answered++
					}
				}
				n, _, _ := c.settle(a)
				require.Equal(t, answered, n)
			},
			"": func(t *rapid.T) {
				require.Len(t, c.waiting, len(open()))
				for tag, p := range publishes {
					want, told := wants[tag]
					require.Equal(t, told, len(p.answer) == 1)
					if told {
						require.ErrorIs(t, <-p.answer, want)
						p.answer <- want
					}
				}
			},
		})
	})
}

func TestWhoHasLeftIsToldLater(t *testing.T) {
	t.Parallel()
	c := newConfirms()
	p := sent(t, c, "a")
	told := make(chan error, 1)
	p.late = func(err error) { told <- err }
	require.True(t, c.leave(p))
	_, left, _ := c.settle(wire.Answer{Tag: 1})
	require.Equal(t, []*pending{p}, left)
	p.tell()
	require.NoError(t, <-told)
}
