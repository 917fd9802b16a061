{{- define "civic-hub.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "civic-hub.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: civic-hub
{{- end -}}

{{- define "civic-hub.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "civic-hub.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "civic-hub.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "civic-hub.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- /* connectors of one's own, for every pod that has to know their names */ -}}
{{- define "civic-hub.connectorsMount" -}}
{{- if .Values.connectorsFolder -}}
- {name: connectors, mountPath: /etc/civic-hub-connectors, readOnly: true}
{{- end }}
{{- end -}}

{{- define "civic-hub.connectorsVolume" -}}
{{- with .Values.connectorsFolder -}}
- name: connectors
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* hub.toml: nothing in it is secret; connectors get their own table only */ -}}
{{- define "civic-hub.toml" -}}
bootstrap_servers = {{ .root.Values.kafka.bootstrapServers | quote }}
registry_url = {{ .root.Values.registry.url | quote }}
postgres_dsn_file = "/run/secrets/postgres/postgres_dsn"
identity_key_file = "/run/secrets/identity/identity_key"
state_dir = "/var/lib/civic-hub"
{{- if .state }}
approvers = {{ .root.Values.identity.approvers }}
{{- with .root.Values.identity.scope }}
scope_file = "/etc/civic-hub/scope.toml"
{{- end }}
{{- with .root.Values.identity.authority }}
authority_file = "/etc/civic-hub/authority.toml"
{{- end }}
{{- if .root.Values.identity.personModel }}
person_model_file = "/etc/civic-hub/person-model.json"
{{- end }}
{{- if .root.Values.identity.organisationModel }}
organisation_model_file = "/etc/civic-hub/organisation-model.json"
{{- end }}
{{- end }}
runner = {{ .root.Values.processor.runner | quote }}
metrics_host = "0.0.0.0"
metrics_port = 9464
{{- if .root.Values.connectorsFolder }}
connectors_folder = "/etc/civic-hub-connectors"
{{- end }}
{{- if .control }}
control_host = "0.0.0.0"
control_port = 8083
control_token_file = "/run/secrets/control/control_token"
{{- end }}
{{- with .root.Values.kafka.settings }}

[kafka]
{{- range $key, $value := . }}
{{ $key | quote }} = {{ $value | quote }}
{{- end }}
{{- end }}
{{- with .connector }}

[connectors.{{ .name }}]
{{- range $key, $value := .settings }}
{{ $key }} = {{ $value | toJson }}
{{- end }}
{{- range $key, $value := .secretFiles }}
{{ $key }}_file = "/run/secrets/{{ $key }}/{{ $value.key }}"
{{- end }}
{{- if .receive }}
intake_host = "0.0.0.0"
intake_port = 8080
{{- end }}
{{- end }}
{{- end -}}

{{- /* the settings files of one workload */ -}}
{{- define "civic-hub.settings" -}}
hub.toml: |
  {{- include "civic-hub.toml" . | nindent 2 }}
{{- if .state }}
{{- with .root.Values.identity.scope }}
scope.toml: |
  {{- toToml . | trim | nindent 2 }}
{{- end }}
{{- with .root.Values.identity.authority }}
authority.toml: |
  {{- toToml . | trim | nindent 2 }}
{{- end }}
{{- with .root.Values.identity.personModel }}
person-model.json: {{ . | quote }}
{{- end }}
{{- with .root.Values.identity.organisationModel }}
organisation-model.json: {{ . | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* One workload; takes root, component, arguments, replicas, resources, postgres, connector, control, state.
With state it is a stateful set, whose pods keep what they remember. */ -}}
{{- define "civic-hub.workload" -}}
{{- $root := .root -}}
{{- $connector := .connector | default dict -}}
{{- $kafka := $connector.kafkaSecret | default $root.Values.secrets.kafka -}}
{{- $claimed := dig "size" "" (.state | default dict) -}}
apiVersion: apps/v1
kind: {{ if .state }}StatefulSet{{ else }}Deployment{{ end }}
metadata:
  name: {{ include "civic-hub.fullname" $root }}-{{ .component }}
  labels:
    {{- include "civic-hub.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  replicas: {{ .replicas }}
  {{- if .state }}
  serviceName: {{ include "civic-hub.fullname" $root }}-{{ .component }}
  podManagementPolicy: Parallel
  {{- end }}
  {{- if .connector }}
  strategy: {type: Recreate} # a worker is ready once it holds the lease, which the old one must let go
  {{- end }}
  selector:
    matchLabels:
      {{- include "civic-hub.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "civic-hub.selector" . | nindent 8 }}
      annotations:
        checksum/config: {{ include "civic-hub.settings" . | sha256sum }}
    spec:
      serviceAccountName: {{ include "civic-hub.fullname" $root }}
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 30
      {{- with $root.Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        {{- include "civic-hub.podSecurity" $root | nindent 8 }}
      containers:
        - name: hub
          image: {{ include "civic-hub.image" $root }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: {{ .arguments | toJson }}
          workingDir: /var/lib/civic-hub
          env:
            - name: CIVIC_HUB_SETTINGS
              value: /etc/civic-hub/hub.toml
          ports:
            - name: metrics
              containerPort: 9464
            {{- if $connector.receive }}
            - name: intake
              containerPort: 8080
            {{- end }}
            {{- if .control }}
            - name: control
              containerPort: 8083
            {{- end }}
          startupProbe:
            httpGet: {path: /healthz, port: metrics}
            periodSeconds: 2
            failureThreshold: 60
          livenessProbe:
            httpGet: {path: /healthz, port: metrics}
            periodSeconds: 10
          readinessProbe:
            httpGet: {path: /readyz, port: metrics}
            periodSeconds: 5
          securityContext:
            {{- include "civic-hub.containerSecurity" $root | nindent 12 }}
          resources:
            {{- toYaml .resources | nindent 12 }}
          volumeMounts:
            - {name: settings, mountPath: /etc/civic-hub, readOnly: true}
            {{- if .control }}
            - {name: control, mountPath: /run/secrets/control, readOnly: true}
            {{- else }}
            - {name: identity, mountPath: /run/secrets/identity, readOnly: true}
            {{- end }}
            - {name: state, mountPath: /var/lib/civic-hub}
            - {name: tmp, mountPath: /tmp}
            {{- if .postgres }}
            - {name: postgres, mountPath: /run/secrets/postgres, readOnly: true}
            {{- end }}
            {{- if $kafka }}
            - {name: kafka, mountPath: /run/secrets/kafka, readOnly: true}
            {{- end }}
            {{- range $key, $value := $connector.secretFiles }}
            - {name: secret-{{ $key | replace "_" "-" }}, mountPath: /run/secrets/{{ $key }}, readOnly: true}
            {{- end }}
            {{- with include "civic-hub.connectorsMount" $root }}
            {{- . | nindent 12 }}
            {{- end }}
            {{- with $connector.volumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
      volumes:
        - name: settings
          configMap: {name: {{ include "civic-hub.fullname" $root }}-{{ .component }}}
        {{- if .control }}
        - name: control
          secret: {secretName: {{ $root.Values.control.secret }}}
        {{- else }}
        - name: identity
          secret: {secretName: {{ $root.Values.secrets.identity }}}
        {{- end }}
        {{- if not $claimed }}
        - name: state
          emptyDir: {}
        {{- end }}
        - name: tmp
          emptyDir: {}
        {{- if .postgres }}
        - name: postgres
          secret: {secretName: {{ $root.Values.secrets.postgres }}}
        {{- end }}
        {{- if $kafka }}
        - name: kafka
          secret: {secretName: {{ $kafka }}}
        {{- end }}
        {{- range $key, $value := $connector.secretFiles }}
        - name: secret-{{ $key | replace "_" "-" }}
          secret: {secretName: {{ $value.secret }}}
        {{- end }}
        {{- with include "civic-hub.connectorsVolume" $root }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- with $connector.volumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  {{- if $claimed }}
  volumeClaimTemplates:
    - metadata:
        name: state
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .state.storageClass }}
        storageClassName: {{ . }}
        {{- end }}
        resources:
          requests: {storage: {{ .state.size }}}
  {{- end }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "civic-hub.fullname" $root }}-{{ .component }}
  labels:
    {{- include "civic-hub.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
data:
  {{- include "civic-hub.settings" . | nindent 2 }}
{{- if .state }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "civic-hub.fullname" $root }}-{{ .component }}
  labels:
    {{- include "civic-hub.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  clusterIP: None # a stateful set names its pods by it; nothing is called through it
  publishNotReadyAddresses: true
  selector:
    {{- include "civic-hub.selector" . | nindent 4 }}
  ports:
    - {name: metrics, port: 9464, targetPort: metrics}
{{- end }}
{{- if and (gt (int .replicas) 1) (not .connector) }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "civic-hub.fullname" $root }}-{{ .component }}
  labels:
    {{- include "civic-hub.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "civic-hub.selector" . | nindent 6 }}
{{- end }}
{{- end -}}
