#!/usr/bin/env bash
# Puts unleak into the PATH of an action's later steps: a released binary, or a build of the action's own source.
set -euo pipefail
bin="${RUNNER_TEMP:?}/unleak-bin"
mkdir -p "$bin"
if [ -n "${UNLEAK_VERSION:-}" ]; then
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) target=x86_64-unknown-linux-musl ;;
    Linux-aarch64) target=aarch64-unknown-linux-musl ;;
    Darwin-arm64) target=aarch64-apple-darwin ;;
    Darwin-x86_64) target=x86_64-apple-darwin ;;
    *) echo "no release for $(uname -s) $(uname -m): leave the version empty to build" >&2; exit 2 ;;
  esac
  gh release download "$UNLEAK_VERSION" --repo "${GITHUB_ACTION_REPOSITORY:?}" --dir "$bin" \
    --pattern "unleak-$target.tar.gz" --pattern "unleak-$target.tar.gz.sha256"
  sum=(sha256sum)
  command -v sha256sum > /dev/null || sum=(shasum -a 256)
  (cd "$bin" && "${sum[@]}" --check "unleak-$target.tar.gz.sha256" && tar -xzf "unleak-$target.tar.gz" unleak)
else
  cargo install --quiet --locked --path "${UNLEAK_SOURCE:?}" --root "$bin/root"
  cp "$bin/root/bin/unleak" "$bin/unleak"
fi
echo "$bin" >> "${GITHUB_PATH:?}"
"$bin/unleak" --version
