#!/bin/sh
# Builds versitygw, an S3 server, once per machine (about five minutes of processor time) and prints where it is.
# Exit 1 with the reason where it cannot be had.
set -eu
version=1.8.0
cd -- "$(dirname -- "$0")/../../.."
program=$PWD/.cache/team/versitygw-$version
if [ ! -x "$program" ]; then
  command -v go >/dev/null 2>&1 || { echo "versitygw: go is not installed" >&2 && exit 1; }
  mkdir -p "$(dirname "$program")"
  built=$(mktemp -d)
  trap 'rm -rf "$built"' EXIT
  GOBIN=$built GOFLAGS=-modcacherw nice go install "github.com/versity/versitygw/cmd/versitygw@v$version" >&2
  mv "$built/versitygw" "$program"
fi
echo "$program"
