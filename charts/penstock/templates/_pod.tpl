{{/* What every pod has besides its containers: (list $ component name values) */}}
{{- define "penstock.pod" -}}
{{- $ := index . 0 -}}
{{- $values := index . 3 -}}
{{- $who := . -}}
serviceAccountName: {{ include "penstock.serviceAccount" $ }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: {type: RuntimeDefault}
{{- with $.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "penstock.selector" $who | nindent 8 }}
  {{- end }}
{{- end }}

{{/* What every container of ours may not do. */}}
{{- define "penstock.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* Probes of the admin port. */}}
{{- define "penstock.probes" -}}
startupProbe: {httpGet: {path: /healthz, port: admin}, periodSeconds: 1, failureThreshold: 60}
livenessProbe: {httpGet: {path: /healthz, port: admin}, periodSeconds: 10, timeoutSeconds: 5}
readinessProbe: {httpGet: {path: /readyz, port: admin}, periodSeconds: 5, timeoutSeconds: 3}
{{- end }}

{{/* Settings in plain text, those of the process over those of all: (list $ values) */}}
{{- define "penstock.env" -}}
{{- $ := index . 0 -}}
{{- range $name, $value := merge (dict) ((index . 1).env | default dict) ($.Values.env | default dict) }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
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
