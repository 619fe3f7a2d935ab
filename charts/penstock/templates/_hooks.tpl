{{/* Annotations of what runs before an installation or an upgrade: the weight. What failed stays, with its log. */}}
{{- define "penstock.hook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{/* The configuration that is to come: the ConfigMap of the release is still the old one when hooks run. */}}
{{- define "penstock.nextConfigName" -}}
{{ .Values.existingConfigMap | default (printf "%s-next-config" (include "penstock.fullname" .)) }}
{{- end }}

{{/* What the pods of hooks have besides their containers: the release's account may not be there yet. (list $ component name) */}}
{{- define "penstock.hookPod" -}}
{{- $pod := include "penstock.pod" (append . dict) | fromYaml -}}
{{- $_ := set $pod "serviceAccountName" "default" -}}
{{- $_ := unset $pod "topologySpreadConstraints" -}}
{{- toYaml $pod -}}
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
