{{/* Of `component` api, or worker, of the chart `root`; `values`: autoscaling. */}}
{{- define "dragoman.hpa" -}}
{{- $name := include "dragoman.component" . }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $name }}
  labels: {{- include "dragoman.labels" .root | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ $name }}
  minReplicas: {{ .values.minReplicas }}
  maxReplicas: {{ .values.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ .values.cpu }}
{{- end -}}

{{/* `values`: keda; `query` of Prometheus, `threshold` of it a replica. */}}
{{- define "dragoman.scaledObject" -}}
{{- $name := include "dragoman.component" . }}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ $name }}
  labels: {{- include "dragoman.labels" .root | nindent 4 }}
spec:
  scaleTargetRef:
    name: {{ $name }}
  minReplicaCount: {{ .values.minReplicas }}
  maxReplicaCount: {{ .values.maxReplicas }}
  triggers:
    - type: prometheus
      metadata:
        serverAddress: {{ .root.Values.keda.prometheus | quote }}
        query: {{ .query }}
        threshold: {{ .threshold | quote }}
        {{- with .root.Values.keda.authentication }}
        {{- if .name }}
        authModes: {{ .modes | quote }}
      authenticationRef:
        name: {{ .name }}
        kind: {{ .kind }}
        {{- end }}
        {{- end }}
{{- end -}}

{{- define "dragoman.pdb" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "dragoman.component" . }}
  labels: {{- include "dragoman.labels" .root | nindent 4 }}
spec:
  # One at a time: never in the way of a node that is emptied, even where there is one replica.
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "dragoman.selector" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "dragoman.component" -}}
{{ include "dragoman.name" .root }}{{ if eq .component "worker" }}-worker{{ end }}
{{- end -}}
