package app

import (
	"context"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/pkg/provision"
)

// doubting is a publisher whose publishes raise doubts about the topology.
type doubting struct {
	*observe.Publisher

	doubts *provision.Doubts
}

// Publish publishes, and notes how that ended.
func (d doubting) Publish(ctx context.Context, p amqpx.Publication) error {
	err := d.Publisher.Publish(ctx, p)
	d.doubts.Note(err)
	return err
}
