#!/usr/bin/env bash
# Reads one secret after the other with `vault kv get` or `bao kv get`, which take one path.
# Arguments: the command, then the paths.
set -euo pipefail

command=$1
shift
for path; do
  "$command" kv get -mount="$KV_MOUNT" -field=value "$path"
  echo
done
