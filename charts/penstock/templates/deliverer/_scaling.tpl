{{/* How fast deliverers come and go: (list $ scaleDown). They come quickly and go slowly: each change moves prefetched events. */}}
{{- define "penstock.behavior" -}}
{{- $down := index . 1 -}}
scaleUp:
  stabilizationWindowSeconds: 0
  policies: [{type: Percent, value: 100, periodSeconds: 15}, {type: Pods, value: 4, periodSeconds: 15}]
  selectPolicy: Max
scaleDown:
  stabilizationWindowSeconds: {{ $down.stabilizationSeconds }}
  policies: [{type: Pods, value: {{ $down.pods }}, periodSeconds: {{ $down.periodSeconds }}}]
{{- end }}
