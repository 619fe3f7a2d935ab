// Package admin is the listener that operators and orchestrators ask:
//
//	/healthz      the process is alive; it never asks the broker
//	/readyz       it can do its job; JSON that names each check and what is wrong, also
//	              what a check tolerates; /readyz?verbose is the same
//	/metrics      Prometheus metrics
//	/debug/pprof  profiles, when asked for
//
// and what else the process adds in Routes.
//
// It stands on a port of its own, so that it is never public.
package admin
