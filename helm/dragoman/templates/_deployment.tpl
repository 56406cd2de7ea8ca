{{/* Of `component` api, or worker, of the chart `root`. */}}
{{- define "dragoman.deployment" -}}
{{- $worker := eq .component "worker" }}
{{- with .root }}
{{- $postgresql := eq .Values.database "postgresql" }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "dragoman.name" . }}{{ if $worker }}-worker{{ end }}
  labels: {{- include "dragoman.labels" . | nindent 4 }}
spec:
  {{- $scaled := ternary .Values.workers .Values $worker }}
  {{- if not (or $scaled.autoscaling.enabled $scaled.keda.enabled) }}
  replicas: {{ $scaled.replicas }}
  {{- end }}
  strategy:
    {{- if $postgresql }}
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
    {{- else }}
    # One writer: the old pod ends before the new one opens the database.
    type: Recreate
    {{- end }}
  selector:
    matchLabels:
      {{- include "dragoman.selector" . | nindent 6 }}
      app.kubernetes.io/component: {{ $.component }}
  template:
    metadata:
      labels:
        {{- include "dragoman.labels" . | nindent 8 }}
        app.kubernetes.io/component: {{ $.component }}
      annotations:
        # Settings are read at start: other settings, other pods.
        checksum/settings: {{ toJson (list .Values.settings .Values.secrets .Values.objectStore .Values.masterKey .Values.caBundle .Values.otel .Values.postgresql.password .Values.persistence.mountPath .Values.models.mountPath) | sha256sum }}
        {{- with .Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "dragoman.serviceAccount" . }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- with .Values.image.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      # preStop, drain, and ten seconds to close the database.
      terminationGracePeriodSeconds: {{ add .Values.preStopSeconds (ceil .Values.settings.drain_timeout | int) 10 }}
      securityContext: {{- include "dragoman.podSecurity" . | nindent 8 }}
      {{- with .Values.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- if .Values.topologySpread.enabled }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: {{ .Values.topologySpread.topologyKey }}
          whenUnsatisfiable: {{ .Values.topologySpread.whenUnsatisfiable }}
          labelSelector:
            matchLabels:
              {{- include "dragoman.selector" . | nindent 14 }}
              app.kubernetes.io/component: {{ $.component }}
          # Pods of the release before do not count while they are replaced.
          matchLabelKeys: [pod-template-hash]
      {{- end }}
      {{- $awaits := and .Values.awaitKey (ne .Values.settings.auth "open") }}
      {{- /* One of them fills the volume; workers see models that come later. */}}
      {{- $fetches := and (not $worker) .Values.models.enabled .Values.models.init.command }}
      {{- if or $awaits $fetches }}
      initContainers:
        {{- if $fetches }}
        - name: models
          image: {{ .Values.models.init.image | default (include "dragoman.image" .) }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          command: {{- toYaml .Values.models.init.command | nindent 12 }}
          env:
            # For `dragoman models pull` and `import`; what else a container may know is in networkPolicy.egress.
            - name: DRAGOMAN_MODEL_DIR
              value: {{ .Values.models.mountPath }}
            - name: DRAGOMAN_DATA_DIR
              value: /tmp
            {{- if include "dragoman.authorities" . }}
            - name: SSL_CERT_FILE
              value: /run/authorities/ca.crt
            {{- end }}
          securityContext: {{- include "dragoman.containerSecurity" . | nindent 12 }}
          resources: {{- toYaml .Values.resources | nindent 12 }}
          volumeMounts:
            - name: models
              mountPath: {{ .Values.models.mountPath }}
            - name: tmp
              mountPath: /tmp
            {{- if include "dragoman.authorities" . }}
            {{- include "dragoman.authoritiesMount" . | nindent 12 }}
            {{- end }}
        {{- end }}
        {{- if $awaits }}
        - name: await-key
          image: {{ include "dragoman.image" . }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          command:
            - sh
            - -c
            - |
              until dragoman keys list --json | grep -q '"status": *"active"'; do
                echo "There is no key yet: make one with 'dragoman tenants create' and 'dragoman keys create' in this container."
                sleep 5
              done
          envFrom: {{- include "dragoman.environment" . | nindent 12 }}
          securityContext: {{- include "dragoman.containerSecurity" . | nindent 12 }}
          resources: {{- toYaml .Values.resources | nindent 12 }}
          volumeMounts:
            - name: data
              mountPath: {{ .Values.persistence.mountPath }}
            - name: tmp
              mountPath: /tmp
            {{- if include "dragoman.authorities" . }}
            {{- include "dragoman.authoritiesMount" . | nindent 12 }}
            {{- end }}
        {{- end }}
      {{- end }}
      containers:
        - name: dragoman
          image: {{ include "dragoman.image" . }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          args: [serve]
          envFrom: {{- include "dragoman.environment" . | nindent 12 }}
          {{- if .Values.workers.enabled }}
          env:
            - name: DRAGOMAN_ROLE
              value: {{ $.component }}
          {{- end }}
          ports:
            - name: http
              containerPort: {{ .Values.settings.port }}
          startupProbe:
            httpGet:
              path: /readyz
              port: http
            periodSeconds: 5
            timeoutSeconds: 5
            failureThreshold: 120
          readinessProbe:
            httpGet:
              path: /readyz
              port: http
            periodSeconds: 5
            timeoutSeconds: 5
            failureThreshold: 2
          # Alive, not able: a database that is away is no reason to lose warm models.
          livenessProbe:
            httpGet:
              path: /healthz
              port: http
            periodSeconds: 10
            timeoutSeconds: 10
            failureThreshold: 6
          lifecycle:
            preStop:
              exec:
                # Until proxies have heard that the pod leaves, they send it requests.
                command: [sleep, {{ .Values.preStopSeconds | quote }}]
          securityContext: {{- include "dragoman.containerSecurity" . | nindent 12 }}
          resources: {{- toYaml (ternary .Values.workers.resources .Values.resources $worker) | nindent 12 }}
          volumeMounts:
            - name: data
              mountPath: {{ .Values.persistence.mountPath }}
            - name: tmp
              mountPath: /tmp
            {{- if .Values.masterKey.existingSecret }}
            {{- include "dragoman.masterKeyMount" . | nindent 12 }}
            {{- end }}
            {{- if include "dragoman.authorities" . }}
            {{- include "dragoman.authoritiesMount" . | nindent 12 }}
            {{- end }}
            {{- if .Values.models.enabled }}
            - name: models
              mountPath: {{ .Values.models.mountPath }}
              readOnly: true
            {{- end }}
      volumes:
        {{- include "dragoman.tmp" . | nindent 8 }}
        - name: data
          {{- include "dragoman.data" . | nindent 10 }}
        {{- if .Values.masterKey.existingSecret }}
        {{- include "dragoman.masterKeyVolume" . | nindent 8 }}
        {{- end }}
        {{- if include "dragoman.authorities" . }}
        {{- include "dragoman.authoritiesVolume" . | nindent 8 }}
        {{- end }}
        {{- if .Values.models.enabled }}
        - name: models
          persistentVolumeClaim:
            claimName: {{ .Values.models.existingClaim | default (printf "%s-models" (include "dragoman.name" .)) }}
        {{- end }}
{{- end }}
{{- end -}}
