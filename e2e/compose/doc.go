// Package compose tests compose.yaml from outside, with Docker Compose and with Docker
// Swarm: `make e2e-compose`. It needs a Docker engine with Compose that is in no swarm,
// and the ports 8443, 8090, 15672 and 18099.
//
// Beside the installation runs e2e/traffic, which sends signed events through HAProxy,
// takes what is delivered, and counts: nothing that was accepted may be missing, and what
// happens on purpose, scaling and updating, may not fail one request.
package compose
