package app

import "github.com/penstock/penstock/pkg/settings"

// Settings are the deliverer's process settings, with the prefix PENSTOCK_.
type Settings struct {
	settings.Process
	settings.AMQP
	Routes []string `desc:"the routes that this process consumes, comma-separated; all of them when empty"`
}

// defaultAdminListen is where the admin listener stands when nothing is set.
const defaultAdminListen = ":9091"
