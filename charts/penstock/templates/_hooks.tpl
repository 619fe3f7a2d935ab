{{/* Annotations of what runs before an installation or an upgrade: the weight. What failed stays, and Helm prints its log. */}}
{{- define "penstock.hook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
helm.sh/hook-output-log-policy: hook-failed
{{- end }}

{{/* The configuration that is to come: the ConfigMap of the release is still the old one when hooks run. */}}
{{- define "penstock.nextConfigName" -}}
{{ .Values.existingConfigMap | default (printf "%s-next-config" (include "penstock.fullname" .)) }}
{{- end }}

{{/* The account of hooks: the chart's own may not be there yet. */}}
{{- define "penstock.hookAccount" -}}
{{- with .Values.jobs.serviceAccount }}{{ ternary "default" (.name | default "default") .create }}{{ end -}}
{{- end }}

{{/*
A container that checks the settings and the configuration with a process's own program:
(list $ name image arguments settings command). It has no secrets: those that are to come may not be
there yet.
*/}}
{{- define "penstock.checker" -}}
{{- $ := index . 0 -}}
- name: {{ index . 1 }}
  image: {{ include "penstock.image" (list $ (index . 2)) }}
  imagePullPolicy: {{ $.Values.image.pullPolicy }}
  {{- with index . 5 }}
  command: {{ toJson . }}
  {{- end }}
  args: {{ toJson (append (index . 3) "--check") }}
  env:
    {{- range index . 4 | fromYamlArray }}
    {{- if hasKey . "value" }}
    - {{ toJson . }}
    {{- end }}
    {{- end }}
  resources: {{- toYaml $.Values.topology.resources | nindent 4 }}
  securityContext: {{- toYaml (include "penstock.jobs" $ | fromJson).pod.containerSecurityContext | nindent 4 }}
  volumeMounts: [{name: config, mountPath: /etc/penstock, readOnly: true}]
{{- end }}

{{/* A pod's annotations: a new configuration rolls the pods, so that an upgrade that waits sees whether they start with it. (list $ annotations) */}}
{{- define "penstock.podAnnotations" -}}
{{- $ := index . 0 -}}
{{- $own := dict -}}
{{- if not $.Values.existingConfigMap -}}
{{- $own = dict "checksum/config" (toJson $.Values.config | sha256sum) -}}
{{- end -}}
{{- with merge (dict) (index . 1 | default dict) $own }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
