{{/* 40 characters: with its longest ending, -postgresql, a CronJob's or a StatefulSet's still has less than 52. */}}
{{- define "dragoman.name" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "dragoman.selector" -}}
app.kubernetes.io/name: dragoman
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "dragoman.labels" -}}
{{ include "dragoman.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "dragoman.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "dragoman.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "dragoman.name" .) -}}
{{- end -}}

{{/* What every container of ours gets: nothing that it does not need. */}}
{{- define "dragoman.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "dragoman.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* The settings, for whatever runs `dragoman`. */}}
{{- define "dragoman.environment" -}}
- configMapRef:
    name: {{ include "dragoman.name" . }}
{{- if .Values.secrets }}
- secretRef:
    name: {{ include "dragoman.name" . }}
{{- end }}
{{- if .Values.existingSecret }}
- secretRef:
    name: {{ .Values.existingSecret }}
{{- end }}
{{- if .Values.postgresql.enabled }}
- secretRef:
    name: {{ include "dragoman.postgresqlSecret" . }}
{{- end }}
{{- if and .Values.settings.blobs .Values.objectStore.existingSecret }}
- secretRef:
    name: {{ .Values.objectStore.existingSecret }}
{{- end }}
{{- end -}}

{{/* The certificates of authorities of one's own, for what speaks to the database and the store: a mount and its volume. */}}
{{- define "dragoman.authorities" -}}
{{- or .Values.caBundle.configMap .Values.caBundle.secret -}}
{{- end -}}

{{- define "dragoman.authoritiesMount" -}}
- name: authorities
  mountPath: /run/authorities
  readOnly: true
{{- end -}}

{{- define "dragoman.authoritiesVolume" -}}
- name: authorities
  {{- if .Values.caBundle.configMap }}
  configMap:
    name: {{ .Values.caBundle.configMap }}
  {{- else }}
  secret:
    secretName: {{ .Values.caBundle.secret }}
    defaultMode: 0440
  {{- end }}
    items:
      - key: {{ .Values.caBundle.key }}
        path: ca.crt
{{- end -}}

{{/* The data folder's volume. */}}
{{- define "dragoman.data" -}}
{{- if .Values.persistence.enabled -}}
persistentVolumeClaim:
  claimName: {{ .Values.persistence.existingClaim | default (printf "%s-data" (include "dragoman.name" .)) }}
{{- else -}}
emptyDir: {}
{{- end -}}
{{- end -}}

{{/* Whether a master key is there: yes, maybe (a Secret that the chart does not see into), or nothing. */}}
{{- define "dragoman.sealed" -}}
{{- if or .Values.masterKey.existingSecret .Values.secrets.master_key .Values.settings.master_key_file .Values.settings.kms_command -}}
yes
{{- else if .Values.existingSecret -}}
maybe
{{- end -}}
{{- end -}}

{{/* "memory" or "disk". */}}
{{- define "dragoman.tmpMedium" -}}
{{- if ne .Values.tmp.medium "auto" -}}
{{ .Values.tmp.medium }}
{{- else -}}
{{ ternary "memory" "disk" (ne (include "dragoman.sealed" .) "") }}
{{- end -}}
{{- end -}}

{{/* The volume of plain documents at work. */}}
{{- define "dragoman.tmp" -}}
- name: tmp
  emptyDir:
    {{- if eq (include "dragoman.tmpMedium" .) "memory" }}
    medium: Memory
    {{- end }}
    sizeLimit: {{ .Values.tmp.sizeLimit }}
{{- end -}}

{{/* The port that traces leave for. */}}
{{- define "dragoman.tracesPort" -}}
{{- $url := urlParse .Values.settings.traces_endpoint -}}
{{- .Values.networkPolicy.traces.port | default (regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host)) | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end -}}

{{/* The file of the master key, for what opens texts at rest: a mount and its volume. */}}
{{- define "dragoman.masterKeyMount" -}}
- name: master-key
  mountPath: /run/secrets/dragoman
  readOnly: true
{{- end -}}

{{- define "dragoman.masterKeyVolume" -}}
- name: master-key
  secret:
    secretName: {{ .Values.masterKey.existingSecret }}
    defaultMode: 0440
    items:
      - key: {{ .Values.masterKey.key }}
        path: master.key
{{- end -}}

{{- define "dragoman.postgresqlName" -}}
{{ include "dragoman.name" . }}-postgresql
{{- end -}}

{{/* That the release's pods open at most: 20 each (docs/database.md), of two more while they are replaced and of CronJobs. */}}
{{- define "dragoman.connections" -}}
{{- $pods := 6 -}}
{{- range list .Values .Values.workers -}}
{{- $pods = add $pods (max .replicas (ternary .autoscaling.maxReplicas 0 .autoscaling.enabled) (ternary .keda.maxReplicas 0 .keda.enabled)) -}}
{{- end -}}
{{- mul 20 $pods -}}
{{- end -}}

{{- define "dragoman.postgresqlSecret" -}}
{{- .Values.postgresql.existingSecret | default (include "dragoman.postgresqlName" .) -}}
{{- end -}}

{{/* What the pods of CronJobs have in common. */}}
{{- define "dragoman.errand" -}}
serviceAccountName: {{ include "dragoman.serviceAccount" . }}
automountServiceAccountToken: false
enableServiceLinks: false
restartPolicy: Never
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext: {{- include "dragoman.podSecurity" . | nindent 2 }}
{{- end -}}

{{/* A pod of the Ray cluster. What is read and written, and the ledger, are the head's alone; engines are on the workers. */}}
{{- define "dragoman.rayPod" -}}
{{- $root := .root -}}
metadata:
  labels:
    {{- include "dragoman.labels" $root | nindent 4 }}
    app.kubernetes.io/component: corpora
spec:
  serviceAccountName: {{ include "dragoman.serviceAccount" $root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- with $root.Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  # 1000: `ray` in the images of rayproject, which write below their home: the root file system cannot be read-only.
  securityContext:
    runAsNonRoot: true
    runAsUser: 1000
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: {{ .name }}
      image: {{ $root.Values.rayJob.image }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      {{- if .head }}
      envFrom: {{- include "dragoman.environment" $root | nindent 8 }}
      {{- end }}
      env:
        # Ray tells its makers of its use otherwise.
        - name: RAY_USAGE_STATS_ENABLED
          value: "0"
      securityContext:
        allowPrivilegeEscalation: false
        capabilities:
          drop: [ALL]
      resources: {{- toYaml .resources | nindent 8 }}
      volumeMounts:
        - name: data
          mountPath: {{ $root.Values.persistence.mountPath }}
        {{- if .head }}
        - name: corpora
          mountPath: {{ $root.Values.rayJob.mountPath }}
        {{- end }}
        {{- if $root.Values.masterKey.existingSecret }}
        {{- include "dragoman.masterKeyMount" $root | nindent 8 }}
        {{- end }}
        {{- if and .head (include "dragoman.authorities" $root) }}
        {{- include "dragoman.authoritiesMount" $root | nindent 8 }}
        {{- end }}
        {{- if $root.Values.models.enabled }}
        - name: models
          mountPath: {{ $root.Values.models.mountPath }}
          readOnly: true
        {{- end }}
  volumes:
    - name: data
      emptyDir: {}
    {{- if .head }}
    - name: corpora
      persistentVolumeClaim:
        claimName: {{ $root.Values.rayJob.claim }}
    {{- end }}
    {{- if $root.Values.masterKey.existingSecret }}
    {{- include "dragoman.masterKeyVolume" $root | nindent 4 }}
    {{- end }}
    {{- if and .head (include "dragoman.authorities" $root) }}
    {{- include "dragoman.authoritiesVolume" $root | nindent 4 }}
    {{- end }}
    {{- if $root.Values.models.enabled }}
    - name: models
      persistentVolumeClaim:
        claimName: {{ $root.Values.models.existingClaim | default (printf "%s-models" (include "dragoman.name" $root)) }}
    {{- end }}
{{- end -}}

{{/* A value as the environment has it: JSON's numbers come as floats, and 1e+06 is no integer. */}}
{{- define "dragoman.plain" -}}
{{- if kindIs "float64" . -}}
{{- if eq (floor .) . -}}{{ printf "%.0f" . }}{{- else -}}{{ . }}{{- end -}}
{{- else -}}{{ . }}{{- end -}}
{{- end -}}

{{/* Refuses an object of a kind that the cluster does not know, before any other is made. */}}
{{- define "dragoman.operator" -}}
{{- if and .root.Values.checkOperators (not (.root.Capabilities.APIVersions.Has .version)) -}}
{{- fail (printf "%s makes an object of %s, which this cluster does not know: install %s first, or leave it off. Where Helm asks no cluster (helm template), say --api-versions %s, or checkOperators=false." .value .version .by .version) -}}
{{- end -}}
{{- end -}}

{{/* What the schema cannot say, because it looks at more than one place or wants a sentence. */}}
{{- define "dragoman.check" -}}
{{- $postgresql := eq .Values.database "postgresql" -}}
{{- if not (regexMatch "^[a-z][-a-z0-9]*$" (include "dragoman.name" .)) -}}
{{- fail "A Service's name begins with a letter and has no dots: choose another release name, or fullnameOverride." -}}
{{- end -}}
{{- if and .Values.caBundle.secret .Values.caBundle.configMap -}}
{{- fail "caBundle.secret and caBundle.configMap both name the certificates: keep one." -}}
{{- end -}}
{{- if and (not .Values.workers.enabled) (or .Values.workers.autoscaling.enabled .Values.workers.keda.enabled) -}}
{{- fail "workers.autoscaling and workers.keda set the number of workers: set workers.enabled." -}}
{{- end -}}
{{- if and .Values.workers.autoscaling.enabled .Values.workers.keda.enabled -}}
{{- fail "workers.autoscaling and workers.keda both set the number of workers: enable one." -}}
{{- end -}}
{{- range list .Values.autoscaling .Values.keda .Values.workers.autoscaling .Values.workers.keda -}}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) -}}
{{- fail (printf "minReplicas (%d) is above maxReplicas (%d)." (int .minReplicas) (int .maxReplicas)) -}}
{{- end -}}
{{- end -}}
{{- if and $postgresql (not .Values.secrets.database_url) (not .Values.existingSecret) (not .Values.postgresql.enabled) -}}
{{- fail "database: postgresql needs secrets.database_url, existingSecret with the key DRAGOMAN_DATABASE_URL, or postgresql.enabled." -}}
{{- end -}}
{{- if and .Values.postgresql.enabled (not $postgresql) -}}
{{- fail "postgresql.enabled makes a PostgreSQL: say database: postgresql." -}}
{{- end -}}
{{- if and .Values.postgresql.enabled .Values.secrets.database_url -}}
{{- fail "secrets.database_url names a database, and postgresql.enabled makes another: keep one." -}}
{{- end -}}
{{- if and .Values.postgresql.enabled (not .Values.postgresql.password) (not .Values.postgresql.existingSecret) -}}
{{- fail "postgresql.enabled needs postgresql.password, or postgresql.existingSecret with the keys POSTGRES_PASSWORD and DRAGOMAN_DATABASE_URL." -}}
{{- end -}}
{{- if and .Values.masterKey.existingSecret (or .Values.secrets.master_key .Values.settings.master_key_file) -}}
{{- fail "masterKey.existingSecret is the master key: leave out secrets.master_key and settings.master_key_file." -}}
{{- end -}}
{{- if and .Values.workers.enabled (not $postgresql) -}}
{{- fail "workers share the database with the service and need database: postgresql." -}}
{{- end -}}
{{- if ne (.Values.settings.role | default "all") "all" -}}
{{- fail "settings.role would be that of every pod: workers.enabled gives each its own." -}}
{{- end -}}
{{- if and .Values.workers.enabled (not .Values.persistence.enabled) (not .Values.settings.blobs) -}}
{{- fail "workers read documents that others took: keep them in settings.blobs, or set persistence.enabled." -}}
{{- end -}}
{{- if and .Values.rayJob.enabled (not $postgresql) -}}
{{- fail "rayJob charges what it translates in the ledger: with SQLite that is the service's alone, so say database: postgresql." -}}
{{- end -}}
{{- if and .Values.rayJob.enabled (not (and .Values.rayJob.image .Values.rayJob.claim .Values.rayJob.args)) -}}
{{- fail "rayJob needs rayJob.image, rayJob.claim and rayJob.args." -}}
{{- end -}}
{{- if and .Values.backup.enabled (not $postgresql) (eq .Values.persistence.accessMode "ReadWriteOncePod") -}}
{{- fail "backup reads the service's volume beside it, and persistence.accessMode ReadWriteOncePod lets one pod in." -}}
{{- end -}}
{{- if and (not $postgresql) .Values.secrets.database_url -}}
{{- fail "secrets.database_url is set: say database: postgresql." -}}
{{- end -}}
{{- if and (not $postgresql) (or (gt (int .Values.replicas) 1) .Values.autoscaling.enabled .Values.keda.enabled) -}}
{{- fail "SQLite is for one replica: more of them, autoscaling and keda need database: postgresql." -}}
{{- end -}}
{{- if and (not $postgresql) .Values.verify.enabled -}}
{{- fail "verify runs beside the service and needs database: postgresql; with SQLite run `dragoman usage verify` in the pod." -}}
{{- end -}}
{{- if and (not $postgresql) .Values.retention.enabled -}}
{{- fail "retention runs beside the service and needs database: postgresql; with SQLite the service deletes by itself, and `dragoman privacy purge` in the pod proves it." -}}
{{- end -}}
{{- if and .Values.prometheusRule.cronJobs (not .Values.prometheusRule.enabled) -}}
{{- fail "prometheusRule.cronJobs adds alerts to prometheusRule: set prometheusRule.enabled." -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled .Values.keda.enabled -}}
{{- fail "autoscaling and keda both set the number of replicas: enable one." -}}
{{- end -}}
{{- if and (not $postgresql) (not .Values.persistence.enabled) -}}
{{- fail "With SQLite the ledger is in the volume: persistence.enabled must stay true." -}}
{{- end -}}
{{- if and $postgresql .Values.persistence.enabled (ne .Values.persistence.accessMode "ReadWriteMany") (not .Values.persistence.existingClaim) -}}
{{- fail "Replicas share the documents at work: set persistence.accessMode to ReadWriteMany, name an existingClaim that is, or set persistence.enabled to false: with documents in settings.blobs, or for texts alone." -}}
{{- end -}}
{{- if and (not .Values.settings.blobs) (or .Values.objectStore.endpoint .Values.objectStore.region .Values.objectStore.existingSecret) -}}
{{- fail "objectStore is of the store that settings.blobs names: set it, as s3://BUCKET/PREFIX." -}}
{{- end -}}
{{- if and $postgresql .Values.models.enabled (eq .Values.models.accessMode "ReadWriteOnce") (not .Values.models.existingClaim) -}}
{{- fail "Replicas share the models: set models.accessMode to ReadWriteMany or ReadOnlyMany, or name an existingClaim that is." -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled (ne .Values.settings.auth "open") (not .Values.serviceMonitor.credentials.secret) -}}
{{- fail "serviceMonitor needs serviceMonitor.credentials.secret, a Secret with a key of scope admin, unless settings.auth is open." -}}
{{- end -}}
{{- if or .Values.serviceMonitor.enabled .Values.prometheusRule.enabled -}}
{{- include "dragoman.operator" (dict "root" . "value" (ternary "serviceMonitor" "prometheusRule" .Values.serviceMonitor.enabled) "version" "monitoring.coreos.com/v1" "by" "the Prometheus operator") -}}
{{- end -}}
{{- if or .Values.keda.enabled .Values.workers.keda.enabled -}}
{{- include "dragoman.operator" (dict "root" . "value" (ternary "keda" "workers.keda" .Values.keda.enabled) "version" "keda.sh/v1alpha1" "by" "KEDA") -}}
{{- end -}}
{{- if .Values.rayJob.enabled -}}
{{- include "dragoman.operator" (dict "root" . "value" "rayJob" "version" "ray.io/v1" "by" "KubeRay") -}}
{{- end -}}
{{- end -}}
