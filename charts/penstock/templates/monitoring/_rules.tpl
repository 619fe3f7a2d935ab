{{/* A group of rules, changed as the values want it: (list $ group) */}}
{{- define "penstock.ruleGroup" -}}
{{- $root := index . 0 -}}
{{- $wanted := $root.Values.monitoring.prometheusRule -}}
{{- $rules := list -}}
{{- range (index . 1).rules -}}
{{- $rule := . -}}
{{- $change := get $wanted.alerts (.alert | default "") | default dict -}}
{{- if .alert -}}
{{- $_ := set $rule "labels" (mergeOverwrite (dict) (.labels | default dict) $wanted.alertLabels ($change.labels | default dict)) -}}
{{- range $key := list "expr" "for" }}{{ with get $change $key }}{{ $_ := set $rule $key . }}{{ end }}{{ end -}}
{{- $_ := set $rule "annotations" (include "penstock.ruleAnnotations" (list $root .annotations) | fromYaml) -}}
{{- if hasKey $change "threshold" }}{{ $_ := set $rule "expr" (include "penstock.threshold" (list $rule $change.threshold)) }}{{ end -}}
{{- end -}}
{{- if dig "enabled" true $change }}{{ $rules = append $rules $rule }}{{ end -}}
{{- end -}}
{{- if $rules -}}
{{- list (set (index . 1) "rules" $rules) | toYaml -}}
{{- end -}}
{{- end }}

{{/* An alert's annotations, with the address of the console in its link: (list $ annotations) */}}
{{- define "penstock.ruleAnnotations" -}}
{{- $annotations := deepCopy (index . 1) -}}
{{- $console := include "penstock.consoleURL" (index . 0) -}}
{{- if $console -}}
{{- $_ := set $annotations "dashboard_url" (replace "{{ $externalLabels.console_url }}" $console $annotations.dashboard_url) -}}
{{- else -}}
{{- $_ := unset $annotations "dashboard_url" -}}
{{- end -}}
{{- toYaml $annotations -}}
{{- end }}

{{/* Where people see the console, without a slash at the end; empty when that is not known. */}}
{{- define "penstock.consoleURL" -}}
{{- $set := .Values.monitoring.prometheusRule.consoleURL | default (get .Values.tracker.env "PENSTOCK_CONSOLE_URL") | default (get .Values.env "PENSTOCK_CONSOLE_URL") -}}
{{- $hosts := list -}}
{{- range list .Values.tracker.ingress .Values.tracker.httpRoute }}{{ if .enabled }}{{ $hosts = concat $hosts .hosts }}{{ end }}{{ end -}}
{{- if $set -}}
{{- trimSuffix "/" $set -}}
{{- else if and .Values.tracker.enabled $hosts -}}
{{- printf "https://%s" (first $hosts) -}}
{{- end -}}
{{- end }}

{{/* An expression with another threshold, behind its only comparison: (list rule threshold) */}}
{{- define "penstock.threshold" -}}
{{- $rule := index . 0 -}}
{{- $expression := trim $rule.expr -}}
{{- $ends := "([<>]=?) *[0-9.][0-9.e* ]*$" -}}
{{- if or (ne (len (regexFindAll "[<>]" $expression -1)) 1) (not (regexMatch $ends $expression)) -}}
{{- fail (printf "monitoring.prometheusRule.alerts: %s has no single threshold at its end; give it an expr" $rule.alert) -}}
{{- end -}}
{{- regexReplaceAll $ends $expression (printf "${1} %v" (index . 1)) -}}
{{- end }}
