{{/* A duration of the configuration, such as 1m30s or 500ms, in whole seconds, rounded up. */}}
{{- define "penstock.seconds" -}}
{{- $total := 0.0 -}}
{{- $units := dict "d" 86400 "h" 3600 "m" 60 "s" 1 "ms" 0.001 "us" 0.000001 "ns" 0.000000001 -}}
{{- range regexFindAll "[0-9.]+(ms|us|ns|d|h|m|s)" (toString .) -1 -}}
{{- $number := regexFind "^[0-9.]+" . -}}
{{- $total = addf $total (mulf $number (get $units (trimPrefix $number .))) -}}
{{- end -}}
{{- int (ceil $total) -}}
{{- end }}

{{/* How many seconds the running attempts of a worker may need to finish: (list $ worker) */}}
{{- define "penstock.shutdown" -}}
{{- $ := index . 0 -}}
{{- $worker := index . 1 -}}
{{- $longest := 20 -}}
{{- $config := $.Values.config -}}
{{- range include "penstock.routes" . | fromJsonArray -}}
{{- $route := get ($config.routes | default dict) . | default dict -}}
{{- $destination := get ($config.destinations | default dict) ($route.to | default "") | default dict -}}
{{- $longest = max $longest (include "penstock.seconds" ($destination.timeout | default "10s") | int) -}}
{{- end -}}
{{- $worker.shutdownSeconds | default (add $longest 5) | int -}}
{{- end }}
