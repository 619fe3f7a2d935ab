{{/* What every pod has besides its containers: (list $ component name pod account) */}}
{{- define "penstock.pod" -}}
{{- $ := index . 0 -}}
{{- $pod := index . 3 -}}
{{- $selector := include "penstock.selector" . | fromYaml -}}
serviceAccountName: {{ index . 4 }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext: {{- toYaml $pod.securityContext | nindent 2 }}
{{- with $.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- range $key := list "priorityClassName" "runtimeClassName" "dnsPolicy" "dnsConfig" "hostAliases" "affinity" "nodeSelector" "tolerations" "initContainers" }}
{{- with get $pod $key }}
{{ dict $key . | toYaml }}
{{- end }}
{{- end }}
{{- with $pod.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- range . }}
  - {{- merge (dict) . (dict "labelSelector" (dict "matchLabels" $selector)) | toYaml | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* The labels of a pod: (list $ component name pod) */}}
{{- define "penstock.podLabels" -}}
{{- $labels := include "penstock.labels" . | fromYaml -}}
{{- merge $labels (index . 3).labels | toYaml -}}
{{- end }}

{{/* Probes of the admin port: pod */}}
{{- define "penstock.probes" -}}
startupProbe: {{- merge (dict "httpGet" (dict "path" "/healthz" "port" "admin")) .probes.startup | toYaml | nindent 2 }}
livenessProbe: {{- merge (dict "httpGet" (dict "path" "/healthz" "port" "admin")) .probes.liveness | toYaml | nindent 2 }}
readinessProbe: {{- merge (dict "httpGet" (dict "path" "/readyz" "port" "admin")) .probes.readiness | toYaml | nindent 2 }}
{{- end }}

{{/* What a container of a process has whatever it runs: pod */}}
{{- define "penstock.container" -}}
{{- include "penstock.probes" . }}
{{- with .lifecycle }}
lifecycle: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext: {{- toYaml .containerSecurityContext | nindent 2 }}
{{- end }}

{{/* Items of a list, for another list: list */}}
{{- define "penstock.items" -}}
{{- with . }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Settings in plain text, those of the process over those of all, and further variables: (list $ values) */}}
{{- define "penstock.env" -}}
{{- $ := index . 0 -}}
{{- range $name, $value := merge (dict) ((index . 1).env | default dict) ($.Values.env | default dict) }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- include "penstock.items" (index . 1).pod.extraEnv }}
{{- end }}

{{/* Secrets as environment: values */}}
{{- define "penstock.envFrom" -}}
{{- with .secrets.env }}
envFrom:
  {{- range . }}
  - secretRef: {name: {{ . }}}
  {{- end }}
{{- end }}
{{- end }}

{{/* Mounts of the configuration and secret files: (list $ files) */}}
{{- define "penstock.mounts" -}}
{{- $ := index . 0 -}}
- {name: config, mountPath: /etc/penstock, readOnly: true}
{{- range index . 1 }}
- {name: {{ printf "secret-%s" . | trunc 63 | replace "." "-" }}, mountPath: {{ printf "/run/secrets/%s" . }}, readOnly: true}
{{- end }}
{{- end }}

{{/* The volumes of those mounts: (list $ files) */}}
{{- define "penstock.volumes" -}}
{{- $ := index . 0 -}}
- {name: config, configMap: {name: {{ include "penstock.configName" $ }}}}
{{- range index . 1 }}
- {name: {{ printf "secret-%s" . | trunc 63 | replace "." "-" }}, secret: {secretName: {{ . }}, defaultMode: 0440}}
{{- end }}
{{- end }}
