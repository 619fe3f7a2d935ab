package incident_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/incident"
)

func TestAnswersThatDifferInNumbersIDsAndTimesHaveOneShape(t *testing.T) {
	t.Parallel()
	for shape, answers := range map[string][]string{
		"order # has no customer": {"order 4711 has no customer", "order 9 has no customer\n", "order  A-17/B-3 has no customer"},
		"java.lang.NullPointerException: order.customer is null (request #)": {
			"java.lang.NullPointerException: order.customer is null (request 0199d3c4-7a51-7cc1-8f0a-000000000001)",
			"java.lang.NullPointerException: order.customer is null (request 7f3a9c)",
		},
		`{"at":"#","error":"no such customer","id":"#"}`: {
			`{"error": "no such customer", "id": "cus_NffrFeUfNV2Hib", "at": "2026-11-30T10:00:00Z"}`,
			`{"id": "cus_1", "at": "2026-12-01T00:00:00.123+02:00", "error": "no such customer"}`,
		},
		"mailbox # is full":      {"mailbox ann@example.com is full", "mailbox bob.b@mail.example.org is full"},
		"token # has expired":    {"token eyJhbGciOiJIUzI1NiJ9.e30.x has expired", "token KqXvBnTrWzPqLmFgHj has expired"},
		"code:# at line #":       {"code:17 at line 3", "code:4711 at line 12:7"},
		"NoSuchElementException": {"NoSuchElementException"},
		"":                       {"", " \n"},
	} {
		for _, answer := range answers {
			require.Equal(t, shape, incident.Shape([]byte(answer)))
		}
	}
}

func TestAnswersOfDifferentErrorsHaveDifferentShapes(t *testing.T) {
	t.Parallel()
	shapes := map[string]bool{}
	answers := []string{
		"order.customer is null", "order.address is null", "timeout of the database", "<html><h1>502 Bad Gateway</h1></html>",
		"<html><h1>503 Service Unavailable</h1></html>", `{"error":"customer"}`, `{"error":"address"}`, "AbstractSingletonProxyFactoryBean", "InternalFrameInternalFrameTitlePane",
	}
	for _, a := range answers {
		shapes[incident.Shape([]byte(a))] = true
	}
	require.Len(t, shapes, len(answers))
}

func TestAShapeIsBoundedAndPlain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		shape := incident.Shape(rapid.SliceOf(rapid.Byte()).Draw(t, "answer"))
		require.LessOrEqual(t, len(shape), 240)
		require.True(t, utf8.ValidString(shape))
		require.NotContains(t, shape, "\x00")
		require.NotContains(t, shape, "\n")
	})
	require.LessOrEqual(t, len(incident.Shape([]byte(strings.Repeat("word ", 10_000)))), 240)
}

func TestTheConfigurationKnowsTheKinds(t *testing.T) {
	t.Parallel()
	var kinds []string
	for _, k := range incident.Kinds() {
		kinds = append(kinds, string(k))
	}
	require.ElementsMatch(t, kinds, config.IncidentKinds())
}

func FuzzShape(f *testing.F) {
	f.Add([]byte(`{"a":[1,2,{"b":"x"}]}`))
	f.Fuzz(func(t *testing.T, answer []byte) { require.LessOrEqual(t, len(incident.Shape(answer)), 240) })
}

func TestAnIncidentSaysWhatItIsAboutAndWhy(t *testing.T) {
	t.Parallel()
	for _, kind := range incident.Kinds() {
		key := incident.Key{Kind: kind, Route: "billing", Source: "shop", Reason: "rejected", Status: 422, Shape: "a customer's name"}
		require.NotEmpty(t, key.Title())
		require.NotContains(t, key.Title()+key.Cause(), "customer", "nothing of an answer")
		require.NotEmpty(t, key.Cause())
		require.Len(t, key.ID(), 16)
	}
}
