#!/bin/sh
# Runs everything that has to hold: types, lint, the generated plugin list, the build, every test. Needs npm and
# nothing else; brings what is missing. The last line is "N passed, N failed" (", N skipped"): tests counted by
# their runner, and each other step that fails as one more failure.
set -u
exec 2>&1 # so that the last line is the last one, however the two streams are kept

cd -- "$(dirname -- "$0")/.." || exit 1
PATH=$PWD/node_modules/.bin:$PATH
export PATH
passed=0 failed=0 skipped=0 broken=
notes=$(mktemp -d) || exit 1
trap 'rm -rf "$notes"' EXIT
trap 'exit 130' INT

main() {
  machine_tools
  step "install" dependencies
  step "types" tsc --noEmit
  step "types of the page" tsc --noEmit -p src/page
  step "lint" biome check .
  step "unused code" knip-bun
  if command -v shellcheck >/dev/null 2>&1; then step "shell lint" shellcheck -x install.sh build/*.sh test/*.sh test/*/*.sh .ci/run; fi
  if command -v actionlint >/dev/null 2>&1; then step "workflows" actionlint; fi
  step "plugin list" bun run build/generate-plugin-index.ts --check
  step "build" bun run build.ts
  halves "tests" --timeout 90000 --path-ignore-patterns 'test/real-client/**' --path-ignore-patterns 'test/real-agents/**' --path-ignore-patterns 'test/faults/**'
  step "fault suite's tools" sh test/faults/tools.sh
  tests "faults" --timeout 240000 --preload ./test/faults/harness/closing.ts test/faults/
  tests "real client" --timeout 180000 test/real-client/
  tests "real agents" --timeout 180000 test/real-agents/
  summary
}

# Programs that tests drive. A test that lacks one skips itself, so only the word about it must not be missed.
machine_tools() {
  lacking=
  for pair in tmux:tmux strace:strace ps:procps busybox:busybox-static unshare:util-linux setpriv:util-linux \
    mkfs.xfs:xfsprogs zsh:zsh zstd:zstd fish:fish shellcheck:shellcheck openssl:openssl chromium:chromium; do
    command -v "${pair%:*}" >/dev/null 2>&1 || lacking="$lacking ${pair#*:}"
  done
  [ -n "$lacking" ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    heading "installing$lacking"
    # shellcheck disable=SC2086 # a list of packages
    if apt-get update -qq </dev/null && DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends $lacking </dev/null >/dev/null; then return 0; fi
  fi
  echo "NOT INSTALLED:$lacking. Tests that need them are skipped."
}

dependencies() {
  if [ -n "$(find package-lock.json -newer node_modules/.package-lock.json 2>&1)" ]; then
    npm ci --include=dev --no-audit --no-fund || return 1
  fi
  # npm may have been told not to run install scripts; Bun's only puts its own binary in place.
  bun --version >/dev/null 2>&1 || node node_modules/bun/install.js
  bun --version >/dev/null
}

heading() { printf '\n== %s\n' "$1"; }

step() {
  name=$1 && shift
  heading "$name"
  "$@" </dev/null || fail "$name"
}

fail() {
  failed=$((failed + 1))
  broken="$broken, $1"
}

# Two halves at once take little more than half the time. Each needs processes of its own, which it sees as those of
# the machine: where there are no namespaces, all runs in one.
halves() {
  name=$1 && shift
  if sh test/sandbox.sh true 2>&1 | grep -q "NOT ISOLATED"; then
    tests "$name" "$@"
    return
  fi
  heading "$name, in two halves at once"
  run_tests one --shard=1/2 "$@" >"$notes/shown" &
  run_tests two --shard=2/2 "$@"
  wait
  cat "$notes/shown"
  count "$name, first half" one
  count "$name, second half" two
}

tests() {
  name=$1 && shift
  heading "$name"
  run_tests all "$@"
  count "$name" all
}

run_tests() {
  as=$1 && shift
  { sh test/sandbox.sh bun test "$@" </dev/null 2>&1; echo $? >"$notes/$as.status"; } | tee "$notes/$as.log"
}

# Bun's report file leaves out a test file that cannot even be loaded; the closing lines it prints do not.
count() {
  failures=$(closing fail "$2")
  passed=$((passed + $(closing pass "$2")))
  skipped=$((skipped + $(closing skip "$2") + $(closing todo "$2")))
  failed=$((failed + failures))
  if [ "$failures" != 0 ]; then
    broken="$broken, $1"
  elif [ "$(cat "$notes/$2.status")" != 0 ]; then
    fail "$1"
  fi
}

closing() { sed -n "s/^ *\([0-9][0-9]*\) $1\$/\1/p" "$notes/$2.log" | tail -n 1 | grep . || echo 0; }

summary() {
  [ $((passed + failed)) -gt 0 ] || fail "no test ran"
  line="$passed passed, $failed failed"
  [ "$skipped" = 0 ] || line="$line, $skipped skipped"
  if [ -n "$broken" ]; then printf '\nfailed: %s\n' "${broken#, }"; else echo; fi
  echo "$line"
  [ "$failed" = 0 ]
}

main "$@"
