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

{{/*
Whether user name and password at the broker come from the Secret of the role: "true", or
nothing where a variable has a password or an access token: (list $ values)
*/}}
{{- define "penstock.brokerBySecret" -}}
{{- $names := concat (keys ((index . 1).env | default dict)) (keys ((index . 0).Values.env | default dict)) -}}
{{- range (index . 1).pod.extraEnv }}{{ $names = append $names .name }}{{ end -}}
{{- $own := false -}}
{{- range list "TOKEN_URL" "TOKEN_FILE" "PASSWORD" "PASSWORD_FILE" }}{{ if has (printf "PENSTOCK_AMQP_%s" .) $names }}{{ $own = true }}{{ end }}{{ end -}}
{{- if not $own }}true{{ end -}}
{{- end }}

{{/*
Environment that leads a process to the broker as a role: (list $ role values). User name and
password come from files, so that they may hold any character, and are read again when they
are replaced.
*/}}
{{- define "penstock.brokerEnv" -}}
{{- $ := index . 0 -}}
{{- $broker := $.Values.broker -}}
{{- $scheme := ternary "amqps" "amqp" $broker.tls.enabled -}}
{{- $vhost := ternary "" (urlquery $broker.vhost | replace "+" "%20") (eq $broker.vhost "/") -}}
{{- $urls := list -}}
{{- range $broker.hosts -}}
{{- $urls = append $urls (printf "%s://%s/%s" $scheme . $vhost) -}}
{{- end -}}
- {name: PENSTOCK_AMQP_URLS, value: {{ join "," $urls | quote }}}
{{- if include "penstock.brokerBySecret" (list $ (index . 2)) }}
- {name: PENSTOCK_AMQP_USERNAME_FILE, value: /etc/penstock-broker-user/username}
- {name: PENSTOCK_AMQP_PASSWORD_FILE, value: /etc/penstock-broker-user/password}
{{- end }}
{{- if $broker.tls.enabled }}
{{- if $broker.tls.existingSecret }}
- {name: PENSTOCK_AMQP_CA_FILE, value: /etc/penstock-broker/ca.crt}
{{- end }}
{{- if $broker.tls.mutualTLS }}
- {name: PENSTOCK_AMQP_CERT_FILE, value: /etc/penstock-broker/tls.crt}
- {name: PENSTOCK_AMQP_KEY_FILE, value: /etc/penstock-broker/tls.key}
{{- end }}
{{- end }}
{{- if and $broker.managementURL (has (index . 1) (include "penstock.declarers" $ | fromJsonArray)) }}
- {name: PENSTOCK_MANAGEMENT_URL, value: {{ $broker.managementURL | quote }}}
{{- end }}
- {name: PENSTOCK_ARCHIVE, value: {{ $.Values.archive.enabled | quote }}}
- {name: PENSTOCK_ARCHIVE_MAX_AGE, value: {{ $.Values.archive.maxAge | quote }}}
- {name: PENSTOCK_ARCHIVE_MAX_BYTES, value: {{ $.Values.archive.maxBytes | quote }}}
{{- end }}

{{/* The roles that declare the topology, as JSON. Their users may set policies through the management interface. */}}
{{- define "penstock.declarers" -}}
{{ ternary (list "topology") (list "gateway" "deliverer") (eq .Values.topology.by "job") | toJson }}
{{- end }}

{{/* Mounts of the broker's certificates and of the user's name and password: (list $ values) */}}
{{- define "penstock.brokerMounts" -}}
{{- $ := index . 0 -}}
{{- if include "penstock.brokerBySecret" . }}
- {name: broker-user, mountPath: /etc/penstock-broker-user, readOnly: true}
{{- end }}
{{- if and $.Values.broker.tls.enabled $.Values.broker.tls.existingSecret }}
- {name: broker-tls, mountPath: /etc/penstock-broker, readOnly: true}
{{- end }}
{{- end }}

{{/* The volumes of those mounts: (list $ role values) */}}
{{- define "penstock.brokerVolumes" -}}
{{- $ := index . 0 -}}
{{- $keys := list (dict "key" "username" "path" "username") (dict "key" "password" "path" "password") -}}
{{- if include "penstock.brokerBySecret" (list $ (index . 2)) }}
- {name: broker-user, secret: {secretName: {{ include "penstock.brokerSecret" . }}, items: {{ toJson $keys }}, defaultMode: 0440}}
{{- end }}
{{- if and $.Values.broker.tls.enabled $.Values.broker.tls.existingSecret }}
- {name: broker-tls, secret: {secretName: {{ $.Values.broker.tls.existingSecret }}, defaultMode: 0440}}
{{- end }}
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
  # what trackers fetch from providers, for gateways to accept
  read: {{ if (.Values.config | default dict).accounts }}'^penstock\.recovered$'{{ else }}""{{ end }}
deliverer:
  # the queue through which it hears the other deliverers belongs to its connection
  configure: '^penstock\.peer\.'
  write: '^(amq\.default|penstock\.(routes|delay(\.\d\d)?|ready|orphan|dead|peers|peer\..*){{ with .Values.broker.deliverersMayWrite }}|{{ . }}{{ end }})$'
  read: '^penstock\.(control$|return$|peers$|{{ if .Values.archive.enabled }}archive\.deferred$|{{ end }}(route|deferred|partition|parked|peer)\.)'
tracker:
  configure: ""
  # to write to the name of a queue lets it ask how long the queue is, since RabbitMQ 4.2.6
  # with a quarantine it reads that for the console, and publishes what is released as a gateway does
  write: '^(amq\.default|penstock\.(routes|delay|ready|return{{ if $quarantine }}|events{{ if not .Values.archive.enabled }}|unrouted{{ end }}{{ end }}|(route|deferred|partition|parked|level)\..*))$'
  read: '^penstock\.(archive|status|reports|canary|orphan|unrouted{{ if $quarantine }}|quarantine{{ end }}|dead\..*)$'
topology:
  configure: '^penstock\.'
  write: '^penstock\.'
  read: '^penstock\.'
monitor:
  configure: ""
  write: ""
  read: ""
{{- end }}
