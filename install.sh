#!/bin/sh
# Installs session-rescue for this user: `curl -fsSL URL/install.sh | sh`, or `sh install.sh` in a checkout, which is
# then built and installed. `sh install.sh --help` tells the rest.
set -eu

# The build writes these two into the install.sh it publishes.
released_version=''
released_url=''

program=session-rescue
targets='linux-x64 linux-x64-baseline linux-x64-musl linux-x64-musl-baseline linux-arm64 linux-arm64-musl darwin-arm64 darwin-x64'
marker_begin='# >>> session-rescue >>>'
marker_end='# <<< session-rescue <<<'
marker_made='# install.sh made this file'
staged=

usage() {
  cat <<'EOF'
usage: sh install.sh [--uninstall | --help]

Installs the session-rescue binary for this user: from the release this script was published with or, in a checkout,
built from it (that needs npm). Never asks for a password. An older binary is replaced in one step, also while it
runs. If the folder is not on PATH, a marked line is added to the shell's start-up file.

  --uninstall   remove the binary, what `session-rescue setup` wrote, and the marked line; exports stay
  --help        print this

environment:
  SESSION_RESCUE_INSTALL_DIR      where the binary goes (default: ~/.local/bin)
  SESSION_RESCUE_VERSION          another version than the newest, where the address has a place for it
  SESSION_RESCUE_BASE_URL         where the release lies: http:, https: or file:, {version} stands for the version
  SESSION_RESCUE_TARGET           another machine's binary than the one found out here, such as linux-x64-musl
  SESSION_RESCUE_NO_MODIFY_PATH   if set, no start-up file is changed; the line to add is printed

exit status: 0 done, or nothing to do · 1 it failed, and what was installed before is untouched · 2 wrong usage
EOF
}

main() {
  action=install
  for option in "$@"; do
    case $option in
      -h | --help) usage && exit 0 ;;
      --uninstall) action=uninstall ;;
      *) printf '%s\n' "install.sh: unknown option: $option" "Try: sh install.sh --help" >&2 && exit 2 ;;
    esac
  done
  # The binary is given nothing that changes what a Bun program does.
  unset BUN_OPTIONS BUN_BE_BUN
  trap '[ -z "$staged" ] || rm -rf "$staged"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
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
  find_checkout
  if [ -n "$checkout" ] && [ -z "${SESSION_RESCUE_BASE_URL:-}" ]; then
    from_checkout
  else
    from_release
  fi
  advise
}

from_release() {
  choose_address
  machine=${SESSION_RESCUE_TARGET:-$(this_machine)} || exit 1
  case " $targets " in
    *" $machine "*) ;;
    *) stop "there is no binary for \"$machine\". There is one for: $targets" ;;
  esac
  hash_tool=$(find_hash_tool) || stop "no sha256sum, shasum or openssl here, so no download could be checked." \
    "$(nothing_changed)"
  open_staging
  fetch SHA256SUMS "$staged/SHA256SUMS"
  name=$program-$machine
  wanted=$(sum_of "$name")
  if [ -f "$target" ] && [ "$(hash_of "$target")" = "$wanted" ]; then
    version=$("$target" --version 2>/dev/null </dev/null) || version=
    echo "$program $version is installed already, byte for byte: nothing to do."
    return 0
  fi
  download
  echo "The checksum agrees. It comes from the same server, so it shows damage, not forgery."
  version=$asked_version
  try_and_place "$staged/$program"
}

choose_address() {
  base_url=${SESSION_RESCUE_BASE_URL:-$released_url}
  asked_version=${SESSION_RESCUE_VERSION:-$released_version}
  asked_version=${asked_version#v}
  if [ -z "$base_url" ]; then
    stop "this install.sh does not know where the release lies, and there is no build.ts beside it." \
      "Say where: SESSION_RESCUE_BASE_URL=https://… sh install.sh — or clone the repository and run it there."
  fi
  case $base_url in
    *'{version}'*)
      [ -n "$asked_version" ] || stop "which version? SESSION_RESCUE_VERSION=1.2.3 sh install.sh"
      base_url=${base_url%%'{version}'*}$asked_version${base_url#*'{version}'}
      ;;
  esac
  case $base_url in
    http://* | https://* | file:///*) base_url=${base_url%/} ;;
    *) stop "SESSION_RESCUE_BASE_URL has to begin with https://, http:// or file:///, not: $base_url" ;;
  esac
}

# What this machine needs, or an error.
this_machine() {
  overrule="Name it yourself: SESSION_RESCUE_TARGET=linux-x64 (or another; --help)"
  case $(uname -s) in
    Linux) os=linux ;;
    Darwin) os=darwin ;;
    *) stop "there is no $program for this system: $(uname -s)" "$overrule" ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) stop "there is no $program for this processor: $(uname -m)" "$overrule" ;;
  esac
  [ "$(getconf LONG_BIT 2>/dev/null || echo 64)" = 64 ] || stop "there is no $program for a 32-bit system." "$overrule"
  case $os-$arch in
    darwin-x64) mac_on_intel ;;
    darwin-*) echo "$os-$arch" ;;
    *)
      library=$(c_library "$arch") || exit 1
      echo "$os-$arch$library$(without_avx2 "$arch")"
      ;;
  esac
}

# A shell under Rosetta says x86_64 on an Apple processor.
mac_on_intel() {
  if [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" = 1 ]; then
    echo darwin-arm64
  elif sysctl -n machdep.cpu.leaf7_features 2>/dev/null | grep -q AVX2; then
    echo darwin-x64
  else
    stop "this Mac's processor seems to lack AVX2, and no binary is made for such." "$overrule"
  fi
}

# Debian's package of musl puts its loader beside glibc's, so what ldd says counts first.
c_library() {
  said=$(ldd --version 2>&1 </dev/null) || :
  case $said in
    *musl*) echo -musl && return 0 ;;
    *GLIBC* | *"GNU libc"* | *"GNU C Library"*) return 0 ;;
  esac
  if getconf GNU_LIBC_VERSION >/dev/null 2>&1; then return 0; fi
  case $1 in x64) gnu=/lib64/ld-linux-x86-64.so.2 other=x86_64 ;; *) gnu=/lib/ld-linux-aarch64.so.1 other=aarch64 ;; esac
  if [ -e "$gnu" ]; then return 0; fi
  if [ -e "/lib/ld-musl-$other.so.1" ]; then echo -musl && return 0; fi
  stop "which C library this system has could not be found out." "$overrule"
}

# The baseline binary runs on every x64 processor: where nothing is known it is the right one.
without_avx2() {
  if [ "$1" = x64 ] && ! grep -q '[[:space:]]avx2\([[:space:]]\|$\)' /proc/cpuinfo 2>/dev/null; then echo -baseline; fi
}

download() {
  if command -v gzip >/dev/null 2>&1 && grep -q " [ *]$name.gz\$" "$staged/SHA256SUMS"; then
    echo "Downloading $base_url/$name.gz …"
    fetch "$name.gz" "$staged/$name.gz"
    check "$staged/$name.gz" "$(sum_of "$name.gz")"
    gzip -dc "$staged/$name.gz" >"$staged/$program" 2>/dev/null || stop_unwritten "$name could not be unpacked"
    rm -f "$staged/$name.gz"
  else
    echo "Downloading $base_url/$name …"
    fetch "$name" "$staged/$program"
  fi
  check "$staged/$program" "$wanted"
}

# fetch NAME FILE. A download that is cut off is an error of curl's or wget's, or else of the checksum.
fetch() {
  url=$base_url/$1
  case $url in
    file://*)
      [ -r "${url#file://}" ] || stop "there is no ${url#file://}" "$(nothing_changed)"
      cat -- "${url#file://}" >"$2" 2>/dev/null || stop_unwritten "$1 could not be copied"
      return 0
      ;;
  esac
  problem=0
  if command -v curl >/dev/null 2>&1; then
    # A redirection from https to anything less is refused.
    case $url in https:*) only='=https' ;; *) only='=http,https' ;; esac
    said=$(curl -fsSL --proto "$only" --proto-redir "$only" --connect-timeout 30 -o "$2" "$url" 2>&1) || problem=$?
  elif command -v wget >/dev/null 2>&1; then
    case $(wget --version 2>/dev/null) in *GNU*) patience='--tries=2 --timeout=60' ;; *) patience= ;; esac
    # shellcheck disable=SC2086 # two words, or none
    said=$(wget -q $patience -O "$2" "$url" 2>&1) || problem=$?
  else
    stop "neither curl nor wget is here to download with. Install one of them, or download the release by other means" \
      "and name its folder: SESSION_RESCUE_BASE_URL=file:///that/folder sh install.sh"
  fi
  [ "$problem" = 0 ] || stop_unwritten "could not download $url${said:+ ($said)}"
}

# sum_of NAME, as SHA256SUMS says it. Without one nothing is installed.
sum_of() {
  found=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]$1\$/\1/p" "$staged/SHA256SUMS")
  [ -n "$found" ] || stop "$base_url/SHA256SUMS has no checksum for $1, so it is not installed. $(nothing_changed)"
  printf '%s\n' "$found"
}

check() {
  [ "$(hash_of "$1")" = "$2" ] || stop "$(basename "$1") is damaged: its checksum is not the one in SHA256SUMS." \
    "Run this again; if it stays so, the release itself is damaged. $(nothing_changed)"
}

find_hash_tool() {
  for tool in sha256sum shasum openssl; do
    if command -v "$tool" >/dev/null 2>&1; then echo "$tool" && return 0; fi
  done
  return 1
}

hash_of() {
  case $hash_tool in
    sha256sum) set -- "$(sha256sum <"$1")" ;;
    shasum) set -- "$(shasum -a 256 <"$1")" ;;
    *) set -- "$(openssl dgst -sha256 -r <"$1")" ;;
  esac
  printf '%s\n' "${1%% *}"
}

find_checkout() {
  # Piped into a shell there is no such file, and the working directory is none of our business.
  case $0 in
    install.sh | */install.sh) checkout=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) ;;
    *) checkout= ;;
  esac
  if [ ! -f "$checkout/build.ts" ] || [ ! -f "$checkout/package-lock.json" ]; then checkout=; fi
}

from_checkout() {
  cd -- "$checkout"
  # shellcheck source=build/from-checkout.sh
  . "$checkout/build/from-checkout.sh"
  build_checkout
  if [ -x "$target" ] && cmp -s "dist/$program" "$target"; then
    echo "$program $version is installed already, and this build is the same: nothing to do."
    return 0
  fi
  open_staging
  cp "dist/$program" "$staged/$program" 2>/dev/null || stop_unwritten "could not copy to $folder"
  try_and_place "$staged/$program"
}

# Staged in the target's own folder, so that the last step is one rename: a running binary keeps its file.
open_staging() {
  mkdir -p "$folder" 2>/dev/null || stop_unwritable
  # What a run left that was ended by force:
  find "$folder" -maxdepth 1 -name ".$program.??????" -type d -mtime +0 -exec rm -rf {} + 2>/dev/null || :
  staged=$(mktemp -d "$folder/.$program.XXXXXX" 2>/dev/null) || stop_unwritable
}

try_and_place() {
  chmod 755 "$1"
  answer=$("$1" --version 2>&1 </dev/null) || stop_not_running
  [ -n "$version" ] || version=$answer
  [ "$answer" = "$version" ] || stop "the new binary was to be $version, and says it is $answer. $(nothing_changed)"
  mv -f "$1" "$target" || stop "could not rename onto $target. $(nothing_changed)"
  echo "Installed $program $version: $target"
}

stop_not_running() {
  answer=$(printf '%s\n' "$answer" | head -n 1)
  case $answer in
    *libstdc++* | *libgcc*) set -- "It needs the C++ library. On Alpine: apk add libstdc++ libgcc" ;;
    *) set -- "If this is another kind of machine than was found out, name it: SESSION_RESCUE_TARGET (--help)" ;;
  esac
  stop "the new binary does not run here: ${answer:-it ended without a word}" "$1" "$(nothing_changed)"
}

stop_unwritable() {
  stop "cannot write to $folder" "Name a folder of your own: SESSION_RESCUE_INSTALL_DIR=FOLDER sh install.sh"
}

stop_unwritten() {
  free=$(df -Pk "$folder" 2>/dev/null | awk 'NR == 2 { print int($4 / 1024) }')
  stop "$1. $(nothing_changed)" "Free in $folder: ${free:-unknown} MB; about 200 MB are needed for a moment."
}

nothing_changed() {
  if [ -e "$target" ]; then echo "$target is untouched."; else echo "Nothing was installed."; fi
}

uninstall() {
  if [ -x "$target" ]; then
    # A hook whose program is missing would be an error line in every session of the client.
    "$target" setup --remove </dev/null || echo "install.sh: what \`$program setup\` wrote may still be there" >&2
  fi
  if [ -e "$target" ] || [ -L "$target" ]; then
    rm -f "$target" || stop "could not remove $target"
    remove_empty "$folder"
    echo "Removed $target"
  else
    echo "Nothing to remove: there is no $target"
  fi
  for file in .profile .bashrc .bash_profile .zshrc .config/fish/config.fish; do unmark "${HOME:-}/$file" || :; done
  if [ -n "${ZDOTDIR:-}" ]; then unmark "$ZDOTDIR/.zshrc" || :; fi
  echo "Exports are kept: $(shown "${SESSION_RESCUE_DATA:-${HOME:-}/PROJECTS/.coditect-data}")"
}

# Written back into the same file: it may be a link into somebody's dotfiles, and has rights of its own.
unmark() {
  grep -qxF "$marker_begin" "$1" 2>/dev/null && grep -qxF "$marker_end" "$1" || return 0
  kept=$(mktemp) || return 1
  made=; if grep -qxF "$marker_made" "$1"; then made=1; fi
  # A marker that has lost its other one takes nothing along.
  if ! awk -v b="$marker_begin" -v e="$marker_end" '
    $0 == b { printf "%s", held; held = $0 "\n"; holding = 1; next }
    holding && $0 == e { held = ""; holding = 0; next }
    holding { held = held $0 "\n"; next }
    { print }
    END { printf "%s", held }' "$1" >"$kept"; then
    echo "install.sh: the line for PATH in $1 could not be removed; it is untouched" >&2
    rm -f "$kept"
    return 1
  fi
  if ! cat "$kept" >"$1"; then
    echo "install.sh: could not write $1; what belongs into it is in $kept" >&2
    return 1
  fi
  echo "Removed the line for PATH from $1"
  rm -f "$kept"
  # What it made and nobody has written to goes with it.
  if [ -n "$made" ] && [ ! -s "$1" ]; then rm -f "$1" && remove_empty "$(dirname "$1")"; fi
}

# A folder and those above it, up to the home, as long as nothing is in them.
remove_empty() {
  each=$1
  while case $each in "${HOME:-/nonexistent}"/?*) : ;; *) false ;; esac && rmdir "$each" 2>/dev/null; do
    each=$(dirname "$each")
  done
  :
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
  start_up="${HOME:-}/.profile" line="export PATH=$entry" once=
  case ${SHELL:-} in
    */zsh) start_up="${ZDOTDIR:-${HOME:-}}/.zshrc" ;;
    */bash) if [ "$(uname -s)" = Darwin ]; then start_up="$HOME/.bash_profile"; else start_up="${HOME:-}/.bashrc"; fi ;;
    */fish) start_up="${HOME:-}/.config/fish/config.fish" line="fish_add_path --path $(shown "$folder")" ;;
    */csh | */tcsh) once="in ~/.cshrc" line="set path = ($(shown "$folder") \$path)" ;;
  esac
  if [ -z "$once" ] && [ -z "${SESSION_RESCUE_NO_MODIFY_PATH:-}" ] && mark "$start_up"; then
    echo "$folder will be on PATH in new terminals; in this one, type:"
  else
    case $start_up in "${HOME:-/nonexistent}"/*) start_up="~${start_up#"$HOME"}" ;; esac
    echo "$folder is not on PATH. To call $program by its name, put this line ${once:-in $start_up}:"
  fi
  echo "  $line"
}

# Between markers, and once: the next run finds them, and --uninstall removes what is between.
mark() {
  if grep -qxF "$marker_begin" "$1" 2>/dev/null; then
    grep -qxF "$line" "$1" && return 0
    unmark "$1" >/dev/null || return 1 # it was for another folder
  fi
  mkdir -p "$(dirname "$1")" 2>/dev/null || return 1
  if [ -e "$1" ] || [ -L "$1" ]; then made=; else made="$marker_made
"; fi
  # A last line without its end would swallow the first of ours.
  if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then before='
'; else before=; fi
  { printf '%s%s\n%s%s\n%s\n' "$before" "$marker_begin" "$made" "$line" "$marker_end" >>"$1"; } 2>/dev/null
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
