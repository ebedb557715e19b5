#!/bin/sh
# Builds session-rescue from this checkout and installs it for this user. `sh install.sh --help` tells the rest.
set -eu

program=session-rescue
released_version=''
released_url=''
staged=

usage() {
  cat <<'EOF'
usage: sh install.sh [--uninstall | --help]

Builds session-rescue from the checkout this script lies in and installs it. Needs npm and nothing else: the right
version of Bun comes through npm. Never asks for a password, changes no shell start-up file, and replaces an older
binary in one step, also while that one runs.

  --uninstall   remove the binary; exports and settings stay
  --help        print this

environment:
  SESSION_RESCUE_INSTALL_DIR   where the binary goes (default: ~/.local/bin)

exit status: 0 done, or nothing to do · 1 it failed, and what was installed before is untouched · 2 wrong usage
EOF
}

main() {
  action=install
  for option in "$@"; do
    case $option in
      -h | --help) usage && exit 0 ;;
      --uninstall) action=uninstall ;;
      *)
        echo "install.sh: unknown option: $option" >&2
        echo "Try: sh install.sh --help" >&2
        exit 2
        ;;
    esac
  done
  trap 'rm -f "$staged"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  choose_folder
  "$action"
}

stop() {
  for line in "$@"; do echo "install.sh: $line" >&2; done
  exit 1
}

choose_folder() {
  folder=${SESSION_RESCUE_INSTALL_DIR:-}
  if [ -z "$folder" ]; then
    [ -n "${HOME:-}" ] || stop "HOME is not set; say where to install with SESSION_RESCUE_INSTALL_DIR."
    folder=$HOME/.local/bin
  fi
  case $folder in
    /*) ;;
    *) folder=$(pwd)/$folder ;;
  esac
  target=$folder/$program
  [ ! -d "$target" ] || stop "$target is a folder; move it away first."
}

install() {
  enter_checkout
  bring_packages
  build
  if [ -x "$target" ] && cmp -s "dist/$program" "$target"; then
    echo "$program $version is installed already, and this build is the same: nothing to do."
  else
    place
    echo "Installed $program $version: $target"
  fi
  advise
}

uninstall() {
  if [ -e "$target" ] || [ -L "$target" ]; then
    rm -f "$target" || stop "could not remove $target"
    echo "Removed $target"
  else
    echo "Nothing to remove: there is no $target"
  fi
  echo "Exports are kept: $(shown "${SESSION_RESCUE_DATA:-${HOME:-}/PROJECTS/.coditect-data}")"
}

enter_checkout() {
  # Piped into a shell there is no such file, and the working directory is none of our business.
  case $0 in
    install.sh | */install.sh) checkout=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) ;;
    *) checkout= ;;
  esac
  if [ -z "$checkout" ] || [ ! -f "$checkout/build.ts" ] || [ ! -f "$checkout/package-lock.json" ]; then
    stop "this is not a checkout of $program (no build.ts beside install.sh)." \
      "Clone the repository and run: sh install.sh"
  fi
  cd -- "$checkout"
  version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
  pinned=$(sed -n 's/^    "bun": "\(.*\)",*$/\1/p' package.json)
}

bring_packages() {
  # The lock npm keeps inside is as old as the last install.
  [ -n "$(find package-lock.json -newer node_modules/.package-lock.json 2>&1)" ] || return 0
  command -v npm >/dev/null 2>&1 || stop "npm is needed to build, and there is none on PATH." \
    "Install Node.js, which brings it, and run this again."
  echo "Fetching what the build needs (npm ci) …"
  npm ci --include=dev --no-audit --no-fund --loglevel=error || stop "npm ci failed. $(nothing_changed)"
}

build() {
  unset BUN_OPTIONS BUN_BE_BUN
  bun=$(pinned_bun) || stop "npm did not bring a Bun $pinned that runs on this machine. $(nothing_changed)"
  echo "Building $program $version with Bun $pinned …"
  "$bun" run build.ts || stop "the build failed. $(nothing_changed)"
}

# Where npm was told not to run install scripts, the first is only a note that says so. A machine without AVX2
# cannot run every one of the others.
pinned_bun() {
  for candidate in node_modules/bun/bin/bun.exe node_modules/@oven/bun-*/bin/bun; do
    if [ "$("$candidate" --version 2>/dev/null)" = "$pinned" ]; then
      printf '%s\n' "./$candidate"
      return 0
    fi
  done
  return 1
}

# Staged in the target's own folder, so that the last step is one rename: a running binary keeps its file.
place() {
  mkdir -p "$folder" 2>/dev/null || stop_unwritable
  staged=$(mktemp "$folder/.$program.XXXXXX" 2>/dev/null) || stop_unwritable
  cp "dist/$program" "$staged" || stop "could not copy to $folder. $(nothing_changed)"
  chmod 755 "$staged"
  answer=$("$staged" --version 2>&1) || answer="it does not run: $answer"
  [ "$answer" = "$version" ] || stop "the new binary was to say $version, but $answer" "$(nothing_changed)"
  mv -f "$staged" "$target" || stop "could not rename onto $target. $(nothing_changed)"
}

stop_unwritable() {
  stop "cannot write to $folder" "Name a folder of your own: SESSION_RESCUE_INSTALL_DIR=FOLDER sh install.sh"
}

nothing_changed() {
  if [ -e "$target" ]; then echo "$target is untouched."; else echo "Nothing was installed."; fi
}

advise() {
  first=$(command -v "$program" 2>/dev/null) || first=
  case :$PATH: in
    *:"$folder":*)
      # A link to ours, or the same folder spelled otherwise, is not another one.
      if [ -n "$first" ] && ! cmp -s "$first" "$target"; then
        echo "Warning: another $program comes first on PATH: $first" >&2
        echo "Next: $(shown "$target") --status"
      else
        echo "Next: $program --status"
      fi
      ;;
    *)
      if [ -n "$first" ]; then echo "Warning: the $program on PATH is another one: $first" >&2; fi
      path_advice
      echo "Next: $(shown "$target") --status"
      ;;
  esac
}

path_advice() {
  entry="$(shown "$folder"):\$PATH"
  case $entry in \'*) entry="$(shown "$folder"):\"\$PATH\"" ;; *) entry="\"$entry\"" ;; esac
  start_up="in ~/.profile" line="export PATH=$entry"
  case ${SHELL:-} in
    */zsh) start_up="in ~/.zshrc" ;;
    */bash) if [ "$(uname -s)" = Darwin ]; then start_up="in ~/.bash_profile"; else start_up="in ~/.bashrc"; fi ;;
    */fish) start_up="once, in a fish terminal" line="fish_add_path $(shown "$folder")" ;;
    */csh | */tcsh) start_up="in ~/.cshrc" line="set path = ($(shown "$folder") \$path)" ;;
  esac
  echo "$folder is not on PATH. To call $program by its name, put this line $start_up:"
  echo "  $line"
}

# A path as one pastes it: through $HOME where that is enough, else quoted.
shown() {
  text=$1
  case $text in "${HOME:-/nonexistent}"/*) text="\$HOME/${text#"$HOME"/}" ;; esac
  case ${text#\$HOME} in
    *[!A-Za-z0-9/._+-]*) printf "'%s'\n" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf '%s\n' "$text" ;;
  esac
}

main "$@"
