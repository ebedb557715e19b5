#!/bin/sh
# Runs a command where it can neither touch the real home nor see, let alone signal, a process of this machine:
#
#   sh test/sandbox.sh COMMAND [ARG…]
#
# Linux: new mount and PID namespaces, as root directly, else through a user namespace. Inside, the real home is
# read-only, the clients' files below it are hidden, the checkout stays writable, and when COMMAND ends, whatever
# it left running ends with it. Where no namespace can be had it says so and only the home is a throw-away one.
# Everywhere: HOME and TMPDIR are fresh, and nothing of a client's or of our own environment leaks in.
set -eu

checkout=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
self=$checkout/test/sandbox.sh

main() {
  case ${1:-} in
    "") echo "usage: sh test/sandbox.sh COMMAND [ARG…]" >&2 && exit 2 ;;
    --inside) shift && inside "$@" ;;
    *) outside "$@" ;;
  esac
}

outside() {
  real_home=$(passwd_home)
  scratch=$(fresh_folder)
  # TERM has no trap on purpose: the shell dies at once and the kernel ends the rest (see isolate).
  trap 'sweep' EXIT
  trap 'exit 130' INT
  trap 'exit 129' HUP
  prepare_environment
  status=0
  if reason=$(isolate true 2>&1); then
    isolate "$@" || status=$?
  else
    reason=$(printf '%s\n' "${reason:-no reason given}" | head -n 1)
    echo "test/sandbox.sh: NOT ISOLATED: $reason" >&2
    echo "test/sandbox.sh: only HOME is a throw-away folder; the guard in test/guard.ts is all that is left." >&2
    SESSION_RESCUE_TEST_SANDBOX="none: $reason"
    export SESSION_RESCUE_TEST_SANDBOX
    "$@" || status=$?
  fi
  exit "$status"
}

# The home that the system knows for this user, whatever HOME says.
passwd_home() {
  name=$(id -un 2>/dev/null) || name=
  case $name in
    "" | *[!A-Za-z0-9._-]*) found=$HOME ;;
    *) eval "found=~$name" ;;
  esac
  case $found in
    /*) ;;
    *) found=$HOME ;;
  esac
  if [ -d "$found" ]; then CDPATH='' cd -- "$found" && pwd -P; else printf '%s\n' "$found"; fi
}

# Never below the real home, which becomes read-only. The name is short because sockets have to fit below it.
fresh_folder() {
  base=${TMPDIR:-/tmp}
  case $base/ in "$real_home"/*) base=/tmp ;; esac
  made=$(mktemp -d "$base/sr.XXXXXX")
  CDPATH='' cd -- "$made" && pwd -P
}

sweep() {
  chmod -R u+rwx "$scratch" 2>/dev/null || true
  rm -rf "$scratch"
}

prepare_environment() {
  hide=$real_home/.claude:$real_home/.config/session-rescue:$real_home/PROJECTS/.coditect-data
  hide=$hide:${CLAUDE_CONFIG_DIR:-}:${XDG_CONFIG_HOME:-/nonexistent}/session-rescue:${SESSION_RESCUE_DATA:-}
  npmrc=${NPM_CONFIG_USERCONFIG:-${npm_config_userconfig:-$real_home/.npmrc}}
  leaks='CLAUDECODE|(CLAUDE|ANTHROPIC|SESSION_RESCUE|XDG|BUN)_[A-Z0-9_]*'
  leaks="$leaks|TMUX|TMUX_PANE|SSH_AUTH_SOCK|DBUS_SESSION_BUS_ADDRESS"
  for name in $(env | grep -E "^($leaks)=" | cut -d= -f1); do unset "$name"; done
  mkdir -p "$scratch/home" "$scratch/tmp" "$checkout/.cache"
  export SESSION_RESCUE_TEST_REAL_HOME="$real_home" SESSION_RESCUE_TEST_HIDE="$hide"
  export HOME="$scratch/home" TMPDIR="$scratch/tmp" PATH="$checkout/node_modules/.bin:$PATH"
  # A socket is not isolated by a namespace: without this a test could reach the person's own tmux server.
  export TMUX_TMPDIR="$scratch/tmp"
  export npm_config_userconfig="$npmrc" npm_config_cache="$checkout/.cache/npm"
  export BUN_INSTALL_CACHE_DIR="$checkout/.cache/bun"
}

# A person's Ctrl-C reaches the command itself. If this shell is ended from outside, pdeathsig ends unshare,
# and --kill-child the namespace's first process and with it everything inside.
isolate() {
  [ "$(uname -s)" = Linux ] || { echo "no namespaces on $(uname -s)" && return 1; }
  set -- unshare --mount --pid --fork --mount-proc --kill-child sh "$self" --inside "$@"
  if [ "$(id -u)" != 0 ]; then
    shift
    set -- unshare --user --map-current-user --keep-caps "$@"
  fi
  if setpriv --pdeathsig KILL true 2>/dev/null; then set -- setpriv --pdeathsig KILL "$@"; fi
  "$@"
}

# Runs as process 1 of the namespace. It waits for the command instead of becoming it, so that orphans are reaped.
inside() {
  real_home=$SESSION_RESCUE_TEST_REAL_HOME
  keep=${HOME%/home}/keep
  mkdir -p "$keep" && mount --bind "$checkout" "$keep"
  if [ "$real_home" != / ] && [ -d "$real_home" ]; then make_read_only "$real_home"; fi
  old_ifs=$IFS && IFS=:
  for folder in $SESSION_RESCUE_TEST_HIDE; do
    if [ -n "$folder" ] && [ -d "$folder" ]; then mount -t tmpfs -o ro,mode=700 tmpfs "$folder"; fi
  done
  IFS=$old_ifs
  case $checkout/ in "$real_home"/*) mount --bind "$keep" "$checkout" ;; esac
  umount "$keep"
  unset SESSION_RESCUE_TEST_HIDE
  SESSION_RESCUE_TEST_SANDBOX=$(readlink /proc/self/ns/pid)
  export SESSION_RESCUE_TEST_SANDBOX
  # The folder may be one seen through the mount that was there before.
  cd -- "$(pwd)"
  if [ "$(id -u)" != 0 ]; then set -- setpriv --inh-caps=-all --ambient-caps=-all "$@"; fi
  "$@"
}

# A bind mount is read-only mount by mount; inside a user namespace the other flags have to be repeated.
make_read_only() {
  mount --rbind "$1" "$1"
  cut -d' ' -f5,6 /proc/self/mountinfo | while read -r point flags; do
    point=$(printf '%b' "$point")
    case $point/ in
      "$1"/*) mount -o "remount,bind,ro,$(printf '%s' "$flags" | sed 's/^rw,*//;s/^ro,*//')" "$point" ;;
    esac
  done
}

main "$@"
