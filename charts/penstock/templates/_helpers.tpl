{{/* The word for Penstock in names and labels. */}}
{{- define "penstock.name" -}}
{{ .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* The name that everything starts with. */}}
{{- define "penstock.fullname" -}}
{{- $name := include "penstock.name" . -}}
{{- $both := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{ .Values.fullnameOverride | default $both | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* What tells the pods of a component from all others: (list $ component name) */}}
{{- define "penstock.selector" -}}
{{- $ := index . 0 -}}
app.kubernetes.io/name: {{ include "penstock.name" $ }}
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
helm.sh/chart: {{ printf "%s-%s" $.Chart.Name $.Chart.Version | replace "+" "_" }}
{{- with $.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "penstock.tag" -}}
{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* A whole image name: (list $ image) */}}
{{- define "penstock.image" -}}
{{- $ := index . 0 -}}
{{- $image := index . 1 -}}
{{- with $image.registry | default $.Values.image.registry }}{{ trimSuffix "/" . }}/{{ end }}{{ $image.repository }}
{{- with $image.digest }}@{{ . }}{{ else }}:{{ $image.tag | default (include "penstock.tag" $) }}{{ end }}
{{- end }}

{{- define "penstock.configName" -}}
{{ .Values.existingConfigMap | default (printf "%s-config" (include "penstock.fullname" .)) }}
{{- end }}

{{/* The service account of a process: (list $ workload account) */}}
{{- define "penstock.serviceAccount" -}}
{{- $account := index . 2 -}}
{{- $own := printf "%s-%s" (include "penstock.fullname" (index . 0)) (index . 1) -}}
{{ $account.name | default (ternary $own "default" $account.create) }}
{{- end }}

{{/* The values of a process, its pod's over those of all pods, as JSON: (list $ values) */}}
{{- define "penstock.process" -}}
{{- $values := deepCopy (index . 1) -}}
{{- $_ := set $values "pod" (mergeOverwrite (deepCopy (index . 0).Values.pods) ($values.pod | default dict)) -}}
{{- toJson $values -}}
{{- end }}

{{/* The values of Jobs: what runs beside a process, or needs its volumes and Secrets, is left out of all pods' */}}
{{- define "penstock.jobs" -}}
{{- $jobs := deepCopy .Values.jobs -}}
{{- $pods := omit .Values.pods "topologySpreadConstraints" "extraEnv" "extraVolumes" "extraVolumeMounts" "initContainers" "extraContainers" "lifecycle" "probes" -}}
{{- $_ := set $jobs "pod" (mergeOverwrite (deepCopy $pods) ($jobs.pod | default dict)) -}}
{{- toJson $jobs -}}
{{- end }}

{{/* An entry of workers with what it leaves out, as JSON: (list $ entry) */}}
{{- define "penstock.worker" -}}
{{- $ := index . 0 -}}
{{- include "penstock.process" (list $ (mergeOverwrite (deepCopy $.Values.workerDefaults) (deepCopy (index . 1)))) -}}
{{- end }}

{{/* The routes that a worker consumes, as JSON; none are known of a ConfigMap of others: (list $ worker) */}}
{{- define "penstock.routes" -}}
{{- $ := index . 0 -}}
{{- $worker := index . 1 -}}
{{- $worker.routes | default (keys ($.Values.config.routes | default dict) | sortAlpha) | toJson -}}
{{- end }}

{{/* The name of the port that takes webhooks: meshes and load balancers go by it */}}
{{- define "penstock.port" -}}
{{ ternary "http" "https" (eq .Values.gateway.tls.mode "off") }}
{{- end }}

{{/* The addresses of a Service. */}}
{{- define "penstock.families" -}}
{{- with .Values.services.ipFamilyPolicy }}
ipFamilyPolicy: {{ . }}
{{- end }}
{{- with .Values.services.ipFamilies }}
ipFamilies: {{ toJson . }}
{{- end }}
{{- end }}
