{{/* The Secret with a role's credentials: (list $ role) */}}
{{- define "penstock.brokerSecret" -}}
{{- $ := index . 0 -}}
{{- get $.Values.broker.users (index . 1) | default $.Values.broker.existingSecret -}}
{{- end }}

{{/*
The management interface as other namespaces know it: KEDA lives in its own, where the
bare name of a Service leads nowhere.
*/}}
{{- define "penstock.managementURL" -}}
{{- $url := trimSuffix "/" .Values.broker.managementURL -}}
{{- regexReplaceAll "^(https?://)([a-z0-9-]+)(:[0-9]+)?(/.*)?$" $url (printf "${1}${2}.%s.svc${3}${4}" .Release.Namespace) -}}
{{- end }}

{{/* Environment that leads a process to the broker as a role: (list $ role) */}}
{{- define "penstock.brokerEnv" -}}
{{- $ := index . 0 -}}
{{- $secret := include "penstock.brokerSecret" . -}}
{{- $broker := $.Values.broker -}}
{{- $scheme := ternary "amqps" "amqp" $broker.tls.enabled -}}
{{- $vhost := ternary "" (urlquery $broker.vhost | replace "+" "%20") (eq $broker.vhost "/") -}}
{{- $urls := list -}}
{{- range $broker.hosts -}}
{{- $urls = append $urls (printf "%s://$(BROKER_USERNAME):$(BROKER_PASSWORD)@%s/%s" $scheme . $vhost) -}}
{{- end -}}
{{- range $key := list "username" "password" }}
- name: BROKER_{{ upper $key }}
  valueFrom: {secretKeyRef: {name: {{ $secret }}, key: {{ $key }}}}
{{- end }}
- {name: PENSTOCK_AMQP_URLS, value: {{ join "," $urls | quote }}}
{{- if $broker.tls.enabled }}
{{- if $broker.tls.existingSecret }}
- {name: PENSTOCK_AMQP_CA_FILE, value: /etc/penstock-broker/ca.crt}
{{- end }}
{{- if $broker.tls.mutualTLS }}
- {name: PENSTOCK_AMQP_CERT_FILE, value: /etc/penstock-broker/tls.crt}
- {name: PENSTOCK_AMQP_KEY_FILE, value: /etc/penstock-broker/tls.key}
{{- end }}
{{- end }}
- {name: PENSTOCK_ARCHIVE, value: {{ $.Values.archive.enabled | quote }}}
- {name: PENSTOCK_ARCHIVE_MAX_AGE, value: {{ $.Values.archive.maxAge | quote }}}
- {name: PENSTOCK_ARCHIVE_MAX_BYTES, value: {{ $.Values.archive.maxBytes | quote }}}
{{- end }}

{{/*
What each role may do in the virtual host: regular expressions of the names that it may
configure, write to and read from. The topology is declared with configure, and binding
and dead-lettering need the others on the same names. All else only uses what is there.
*/}}
{{- define "penstock.permissions" -}}
{{- $quarantine := false -}}
{{- range (.Values.config | default dict).sources }}{{ if .quarantine }}{{ $quarantine = true }}{{ end }}{{ end -}}
gateway:
  configure: ""
  # requests for the quarantine go through the default exchange, and to penstock.events what
  # `exchange: true` publishes, and gateways before version 1, while they are replaced
  write: '^({{ if $quarantine }}amq\.default|{{ end }}penstock\.(routes|unrouted|refused|events))$'
  read: ""
deliverer:
  configure: ""
  write: '^(amq\.default|penstock\.(delay\.\d\d|ready|dead){{ with .Values.broker.deliverersMayWrite }}|{{ . }}{{ end }})$'
  read: '^penstock\.(control$|{{ if .Values.archive.enabled }}archive\.deferred$|{{ end }}(route|deferred|partition|parked)\.)'
tracker:
  configure: ""
  write: '^(amq\.default|penstock\.ready)$'
  read: '^penstock\.(archive|status|reports|dead\..*)$'
topology:
  configure: '^penstock\.'
  write: '^penstock\.'
  read: '^penstock\.'
monitor:
  configure: ""
  write: ""
  read: ""
{{- end }}
