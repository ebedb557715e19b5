# shellcheck shell=sh disable=SC2154
# Read by install.sh where it lies in a checkout, and only there: builds dist/session-rescue. Uses install.sh's stop,
# nothing_changed and program, and says which version it is in `version`.

build_checkout() {
  version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
  pinned=$(sed -n 's/^    "bun": "\(.*\)",*$/\1/p' package.json)
  bring_packages
  build
}

bring_packages() {
  # The lock npm keeps inside is as old as the last install.
  [ -n "$(find package-lock.json -newer node_modules/.package-lock.json 2>&1)" ] || return 0
  command -v npm >/dev/null 2>&1 || stop "npm is needed to build, and there is none on PATH." \
    "Install Node.js, which brings it, and run this again."
  echo "Fetching what the build needs (npm ci) …"
  npm ci --include=dev --no-audit --no-fund --loglevel=error </dev/null || stop "npm ci failed. $(nothing_changed)"
}

build() {
  bun=$(pinned_bun) || stop "npm did not bring a Bun $pinned that runs on this machine. $(nothing_changed)"
  echo "Building $program $version with Bun $pinned …"
  "$bun" run build.ts </dev/null || stop "the build failed. $(nothing_changed)"
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
