{{/* All settings of a gateway: $ */}}
{{- define "penstock.gatewayEnv" -}}
{{- $gateway := include "penstock.process" (list . .Values.gateway) | fromJson -}}
{{- $tls := $gateway.tls -}}
{{ include "penstock.brokerEnv" (list . "gateway" $gateway) }}
- {name: PENSTOCK_TOPOLOGY, value: {{ ternary "check" "declare" (eq .Values.topology.by "job") }}}
- {name: PENSTOCK_DRAIN_DELAY, value: {{ printf "%vs" $gateway.drainSeconds }}}
- {name: PENSTOCK_SHUTDOWN_TIMEOUT, value: {{ printf "%vs" $gateway.shutdownSeconds }}}
{{- if has $tls.mode (list "existing" "certManager") }}
- {name: PENSTOCK_TLS_CERT_FILE, value: /etc/penstock-tls/tls.crt}
- {name: PENSTOCK_TLS_KEY_FILE, value: /etc/penstock-tls/tls.key}
{{- else }}
- {name: PENSTOCK_TLS_MODE, value: {{ ternary "self-signed" "off" (eq $tls.mode "selfSigned") | quote }}}
{{- end }}
{{- if $tls.clientCASecret }}
- {name: PENSTOCK_TLS_CLIENT_CA_FILE, value: /etc/penstock-client-ca/ca.crt}
{{- end }}
{{- if $gateway.proxyProtocol.enabled }}
- {name: PENSTOCK_PROXY_PROTOCOL, value: "true"}
{{- end }}
{{- with $gateway.clientAddress.header }}
- {name: PENSTOCK_CLIENT_ADDRESS_HEADER, value: {{ . | quote }}}
{{- end }}
{{- with include "penstock.trustedProxies" . }}
- {name: PENSTOCK_TRUSTED_PROXIES, value: {{ . | quote }}}
{{- end }}
{{- if $gateway.spool.enabled }}
- {name: PENSTOCK_SPOOL_DIR, value: /var/lib/penstock/spool}
- {name: PENSTOCK_SPOOL_MAX_BYTES, value: {{ $gateway.spool.maxBytes | quote }}}
{{- end }}
{{- with $gateway.redis.existingSecret }}
- name: PENSTOCK_REDIS_URL
  valueFrom: {secretKeyRef: {name: {{ . }}, key: url}}
{{- end }}
{{- include "penstock.env" (list . $gateway) }}
{{- end }}

{{/* The networks of the proxies that are believed, comma-separated */}}
{{- define "penstock.trustedProxies" -}}
{{- $networks := list -}}
{{- with .Values.gateway.proxyProtocol }}{{ if .enabled }}{{ $networks = concat $networks .trustedProxies }}{{ end }}{{ end -}}
{{- with .Values.gateway.clientAddress }}{{ if .header }}{{ $networks = concat $networks .trustedProxies }}{{ end }}{{ end -}}
{{- uniq $networks | join "," -}}
{{- end }}
