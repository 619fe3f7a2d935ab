package config

import (
	"strings"

	"github.com/penstock/penstock/pkg/config/internal/strict"
	"github.com/penstock/penstock/pkg/ordering"
	"github.com/penstock/penstock/pkg/transform"
)

// transform checks a transformation, whose program may be the text at path itself.
func (c *checker) transform(path string, t Transform) {
	jq, cel := strict.Key(path, "jq"), strict.Key(path, "cel")
	at, compile := path, transform.Compile
	switch {
	case !c.Has(path) || c.brokenAt(path):
		return
	case c.Has(jq) && c.Has(cel):
		c.failf(path, "a transformation is in one language: leave jq or cel out")
		return
	case c.Has(jq):
		at = jq
	case c.Has(cel):
		at, compile = cel, transform.CompileCEL
	}
	program := t.JQ + t.CEL
	if strings.TrimSpace(program) == "" {
		c.failf(at, "the transformation is empty; leave it out to deliver bodies as they are")
		return
	}
	if _, err := compile(program); err != nil {
		c.failf(at, "%s", err)
	}
}

func (c *checker) ordering(path string, o *Ordering) {
	key, partitions := strict.Key(path, "key"), strict.Key(path, "partitions")
	switch {
	case c.broken(path, "key"):
	case strings.TrimSpace(o.Key) == "":
		c.failf(key, "an ordered route says what its events have in common: key is missing, such as body.order_id")
	default:
		if _, err := ordering.Compile(o.Key); err != nil {
			c.failf(key, "%s", err)
		}
	}
	if (o.Partitions < 1 || o.Partitions > ordering.MaxPartitions) && !c.broken(path, "partitions") {
		c.failf(partitions, "there are 1 to %d partitions", ordering.MaxPartitions)
	}
}
