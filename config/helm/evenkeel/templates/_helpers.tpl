{{- define "evenkeel.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "evenkeel.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- $full := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) }}
{{- default $full .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "evenkeel.selector" -}}
app.kubernetes.io/name: {{ include "evenkeel.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "evenkeel.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "evenkeel.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- range $name, $value := .Values.commonLabels }}
{{- if not (or (hasPrefix "app.kubernetes.io/" $name) (hasPrefix "helm.sh/" $name)) }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- define "evenkeel.serviceAccount" -}}
{{- $own := .Values.serviceAccount.create | ternary (include "evenkeel.fullname" .) "default" }}
{{- default $own .Values.serviceAccount.name }}
{{- end }}

{{- /* Values of an older chart (helm upgrade --reuse-values) have none of them: then as the chart has them. */}}
{{- define "evenkeel.podSecurityContext" -}}
{{- hasKey .Values "podSecurityContext" | ternary .Values.podSecurityContext (dict "runAsNonRoot" true "runAsUser" 65532
    "runAsGroup" 65532 "fsGroup" 65532 "seccompProfile" (dict "type" "RuntimeDefault")) | toYaml }}
{{- end }}

{{- define "evenkeel.securityContext" -}}
{{- hasKey .Values "securityContext" | ternary .Values.securityContext (dict "allowPrivilegeEscalation" false
    "readOnlyRootFilesystem" true "capabilities" (dict "drop" (list "ALL"))) | toYaml }}
{{- end }}

{{- /* Of monitors and rules: what kube-prometheus-stack finds them by. Call with (list $ labels). */}}
{{- define "evenkeel.monitoringLabels" -}}
{{- $ := first . }}
{{- $release := dict }}
{{- with $.Values.prometheusRelease }}{{ $_ := set $release "release" . }}{{ end }}
{{- mustMergeOverwrite (include "evenkeel.labels" $ | fromYaml) $release (last . | default dict) | toYaml }}
{{- end }}

{{- define "evenkeel.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- /* The secrets with a user's name and password, by who wants them. Values of an older chart have no `etcd`. */}}
{{- define "evenkeel.logins" -}}
{{- range $where := list "milvus" "etcd" }}
{{- with (get $.Values $where | default dict).existingSecret }}
{{ $where }}: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The settings that are set, with where the secrets are mounted. */}}
{{- define "evenkeel.config" -}}
{{- $config := deepCopy .Values.config }}
{{- $web := dict }}
{{- if not (dig "web" "read_only" false $config) }}
{{- $_ := set $web "token_file" "/run/secrets/evenkeel/auth/token" }}
{{- if .Values.auth.users }}{{ $_ := set $web "users_file" "/run/secrets/evenkeel/auth/users" }}{{ end }}
{{- end }}
{{- if .Values.tls.existingSecret }}
{{- $_ := set $web "cert_file" "/run/secrets/evenkeel/tls/tls.crt" }}
{{- $_ := set $web "key_file" "/run/secrets/evenkeel/tls/tls.key" }}
{{- if .Values.tls.clientCa }}{{ $_ := set $web "client_ca_file" "/run/secrets/evenkeel/tls/ca.crt" }}{{ end }}
{{- end }}
{{- $config = mustMergeOverwrite $config (dict "web" $web) }}
{{- range $where, $secret := include "evenkeel.logins" . | fromYaml }}
{{- $login := dict "password_file" (printf "/run/secrets/evenkeel/%s/password" $where) }}
{{- $config = mustMergeOverwrite $config (dict $where $login) }}
{{- end }}
{{- range $section, $keys := $config }}
{{- if kindIs "slice" $keys }}
{{- range $keys }}
[[{{ $section }}]]
{{- range $key, $value := . }}
{{ $key }} = {{ $value | toJson }}
{{- end }}
{{ end }}
{{- else }}
{{- $tables := dict }}
[{{ $section }}]
{{- range $key, $value := $keys }}
{{- if kindIs "map" $value }}
{{- $_ := set $tables $key $value }}
{{- else }}
{{ $key }} = {{ $value | toJson }}
{{- end }}
{{- end }}
{{- range $key, $table := $tables }}
[{{ $section }}.{{ $key }}]
{{- range $name, $value := $table }}
{{ $name | toJson }} = {{ $value | toJson }}
{{- end }}
{{- end }}
{{ end }}
{{- end }}
{{- end }}

{{- define "evenkeel.checkReplicas" -}}
{{- if gt (int .Values.replicas) 1 }}
{{- if ne (dig "turns" "mode" "alone" .Values.config) "etcd" }}
{{- fail "replicas: several agents would act on one Milvus: let them take turns (config.turns.mode: etcd, config.etcd.endpoints: [...]), or keep replicas at 1" }}
{{- end }}
{{- if .Values.journal.existingClaim }}
{{- fail "replicas: each agent needs a journal of its own, and journal.existingClaim is one: leave it empty, since what the next agent must know is handed over in etcd" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "evenkeel.port" -}}
{{- $listen := (.Values.config.web).listen_address | default "127.0.0.1:10931" }}
{{- regexFind "[0-9]+$" $listen }}
{{- end }}

{{- define "evenkeel.scheme" -}}
{{- .Values.tls.existingSecret | empty | ternary "HTTP" "HTTPS" }}
{{- end }}

{{- define "evenkeel.secret" -}}
{{- .Values.auth.existingSecret | default (include "evenkeel.fullname" .) }}
{{- end }}

{{- define "evenkeel.readOnly" -}}
{{- (.Values.config.web).read_only | default false }}
{{- end }}
