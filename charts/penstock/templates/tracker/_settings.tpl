{{/* All settings of a tracker: $ */}}
{{- define "penstock.trackerEnv" -}}
{{- $ := . -}}
{{- with include "penstock.process" (list . .Values.tracker) | fromJson -}}
{{ include "penstock.brokerEnv" (list $ "tracker" .) }}
- {name: PENSTOCK_RETENTION, value: {{ .retention | quote }}}
{{- if .postgresSecret }}
- name: PENSTOCK_STORE_URL
  valueFrom: {secretKeyRef: {name: {{ .postgresSecret }}, key: url}}
{{- else }}
- {name: PENSTOCK_STORE_URL, value: "sqlite:/var/lib/penstock/penstock.db"}
{{- end }}
{{- if .tokensSecret }}
- {name: PENSTOCK_API_TOKENS_FILE, value: /etc/penstock-tokens/tokens.yaml}
{{- end }}
{{- include "penstock.env" (list $ .) }}
{{- end }}
{{- end }}
