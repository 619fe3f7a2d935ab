package doctor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/penstock/penstock/cli/internal/rabbit"
	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/topology"
)

// loses says what each setting of a policy does to the events of a queue.
var loses = map[string]string{
	"message-ttl":      "what waits for longer is gone",
	"expires":          "a queue that no process uses for so long is deleted with its events",
	"max-length":       "the oldest event is gone when one more comes",
	"max-length-bytes": "the oldest event is gone when one more comes",
}

// losing looks for policies by which queues lose events. They apply to queues that are there already, and
// no process sees them.
func losing(queues []rabbit.Queue) []Finding {
	hit := map[string][]string{} // queues by policy and setting
	for _, q := range queues {
		for _, setting := range lossesOf(q) {
			what := fmt.Sprintf("%s sets %s to %v", policyOf(q), setting, number(q.Effective[setting]))
			hit[what+": "+loses[setting]] = append(hit[what+": "+loses[setting]], q.Name)
		}
	}
	var found []Finding
	for _, what := range slices.Sorted(maps.Keys(hit)) {
		found = append(found, failure(fmt.Sprintf("%s, in %s (%s)", what, terminal.Plural(len(hit[what]), "queue"), few(hit[what])),
			"Have the policy leave out ^penstock\\., such as with a pattern or a priority: rabbitmqctl list_policies, list_operator_policies."))
	}
	return found
}

// lossesOf returns the settings by which a queue loses events. Streams are bounded by design, and what
// waits in a delay level has its time there.
func lossesOf(q rabbit.Queue) (settings []string) {
	if q.Type == "stream" || strings.HasPrefix(q.Name, topology.Delay) {
		return nil
	}
	for _, setting := range slices.Sorted(maps.Keys(loses)) {
		_, set := q.Effective[setting]
		bounded := strings.HasPrefix(setting, "max-length")
		if set && (!bounded || !refuses(q)) {
			settings = append(settings, setting)
		}
	}
	return settings
}

// refuses reports whether a full queue refuses what comes, so that its publisher keeps it.
func refuses(q rabbit.Queue) bool {
	overflow := q.Arguments["x-overflow"]
	if overflow == nil {
		overflow = q.Effective["overflow"]
	}
	text, _ := overflow.(string)
	return strings.HasPrefix(text, "reject-publish")
}

func policyOf(q rabbit.Queue) string {
	return "the policy " + cmp.Or(q.Policy, q.OperatorPolicy, "of the broker")
}

// number writes a number of JSON without an exponent.
func number(v any) any {
	if f, is := v.(float64); is {
		return int64(f)
	}
	return v
}
