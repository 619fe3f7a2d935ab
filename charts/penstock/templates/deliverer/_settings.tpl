{{/* All settings of a deliverer: (list $ worker) */}}
{{- define "penstock.delivererEnv" -}}
{{- $ := index . 0 -}}
{{- $worker := index . 1 -}}
{{- $shutdown := include "penstock.shutdown" . | int -}}
{{ include "penstock.brokerEnv" (list $ "deliverer" $worker) }}
- {name: PENSTOCK_TOPOLOGY, value: {{ ternary "check" "declare" (eq $.Values.topology.by "job") }}}
- {name: PENSTOCK_DRAIN_DELAY, value: 0s} # nothing is balanced to it
- {name: PENSTOCK_SHUTDOWN_TIMEOUT, value: {{ $shutdown }}s}
{{- with $worker.routes }}
- {name: PENSTOCK_ROUTES, value: {{ join "," . | quote }}}
{{- end }}
{{- include "penstock.env" (list $ $worker) }}
{{- end }}
