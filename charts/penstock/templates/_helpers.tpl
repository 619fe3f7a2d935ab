{{/* The name that everything starts with. */}}
{{- define "penstock.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{/* What tells the pods of a component from all others: (list $ component name) */}}
{{- define "penstock.selector" -}}
{{- $ := index . 0 -}}
app.kubernetes.io/name: penstock
app.kubernetes.io/instance: {{ $.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- with index . 2 }}
penstock/worker: {{ . }}
{{- end }}
{{- end }}

{{/* The labels of an object: (list $ component name) */}}
{{- define "penstock.labels" -}}
{{- $ := index . 0 -}}
{{ include "penstock.selector" . }}
app.kubernetes.io/version: {{ include "penstock.tag" $ | quote }}
app.kubernetes.io/managed-by: {{ $.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $.Chart.Name $.Chart.Version }}
{{- end }}

{{- define "penstock.tag" -}}
{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* A whole image name: (list $ name) */}}
{{- define "penstock.image" -}}
{{- $ := index . 0 -}}
{{- with $.Values.image.registry }}{{ trimSuffix "/" . }}/{{ end }}{{ index . 1 }}:{{ include "penstock.tag" $ }}
{{- end }}

{{- define "penstock.configName" -}}
{{ .Values.existingConfigMap | default (printf "%s-config" (include "penstock.fullname" .)) }}
{{- end }}

{{- define "penstock.serviceAccount" -}}
{{- $default := ternary (include "penstock.fullname" .) "default" .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default $default }}
{{- end }}

{{/* An entry of workers with what it leaves out, as JSON: (list $ entry) */}}
{{- define "penstock.worker" -}}
{{- $ := index . 0 -}}
{{- mergeOverwrite (deepCopy $.Values.workerDefaults) (deepCopy (index . 1)) | toJson -}}
{{- end }}

{{/* The routes that a worker consumes, as JSON; none are known of a ConfigMap of others: (list $ worker) */}}
{{- define "penstock.routes" -}}
{{- $ := index . 0 -}}
{{- $worker := index . 1 -}}
{{- $worker.routes | default (keys ($.Values.config.routes | default dict) | sortAlpha) | toJson -}}
{{- end }}
