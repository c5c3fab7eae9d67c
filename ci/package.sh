#!/usr/bin/env bash
# package.sh PROGRAM TARGET: the two files of a release for one target, in the current directory.
set -euo pipefail
name="unleak-${2:?}.tar.gz"
tar -czf "$name" -C "$(dirname "${1:?}")" unleak
sum=(sha256sum)
command -v sha256sum > /dev/null || sum=(shasum -a 256)
"${sum[@]}" "$name" > "$name.sha256"
