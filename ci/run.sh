#!/usr/bin/env bash
# One run of the action. What is printed from code or file names must not be taken for a workflow command: the runner
# is told to stop looking for commands, but for the annotations, which unleak escapes itself.
set -uo pipefail
read -r -a paths <<< "${UNLEAK_PATHS:-./...}"
read -r -a flags <<< "${UNLEAK_ARGS:-}"
[ "${UNLEAK_UNSAFE_FIXES:-false}" = true ] && flags+=(--unsafe-fixes)
guarded() {
  local token code
  token="unleak-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
  echo "::stop-commands::$token"
  "$@"
  code=$?
  echo "::$token::"
  return "$code"
}
case "${UNLEAK_MODE:-check}" in
  check)
    unleak --format github "${flags[@]}" -- "${paths[@]}" 2> >(sed 's/^/unleak| /' >&2)
    ;;
  sarif)
    guarded unleak --format sarif --exit-zero -o "${UNLEAK_SARIF_FILE:?}" "${flags[@]}" -- "${paths[@]}"
    code=$?
    echo "sarif-file=$UNLEAK_SARIF_FILE" >> "${GITHUB_OUTPUT:?}"
    exit "$code"
    ;;
  review)
    rm -f -- "${UNLEAK_PAYLOAD_FILE:?}"
    guarded unleak github --payload "$UNLEAK_PAYLOAD_FILE" "${flags[@]}" -- "${paths[@]}"
    code=$?
    if [ -f "$UNLEAK_PAYLOAD_FILE" ]; then
      echo "payload-file=$UNLEAK_PAYLOAD_FILE" >> "${GITHUB_OUTPUT:?}"
    fi
    exit "$code"
    ;;
  fix)
    guarded unleak -w "${flags[@]}" -- "${paths[@]}"
    ;;
  *)
    echo "mode is review, sarif, check or fix" >&2
    exit 2
    ;;
esac
