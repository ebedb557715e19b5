#!/bin/sh
# Brings what the bench compares with and is not always there: rsync and chromium (as root, with apt-get), and other
# programs that render transcripts as HTML (in a folder of their own below .cache). Without them their rows say so.
set -u
cd -- "$(dirname -- "$0")/../.." || exit 1

lacking=
for program in rsync chromium; do command -v $program >/dev/null 2>&1 || lacking="$lacking $program"; done
if [ -n "$lacking" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  # shellcheck disable=SC2086 # a list of packages
  apt-get update -qq </dev/null >&2 && DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $lacking </dev/null >/dev/null
fi
for program in rsync chromium; do
  command -v $program >/dev/null 2>&1 || echo "NOT INSTALLED: $program. Nothing is compared with it." >&2
done

renderers=.cache/renderers
if [ ! -x $renderers/bin/claude-notes ]; then
  { python3 -m venv $renderers && $renderers/bin/pip install -q claude-code-log==1.7.0 \
    claude-code-transcripts==0.6 claude-notes==0.1.8; } >&2 </dev/null ||
    echo "NOT INSTALLED: other renderers (python3 with venv, PyPI). Nothing is compared with them." >&2
fi
exit 0
