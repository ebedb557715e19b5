#!/bin/sh
# The one place that names what the fault suite needs: `sh test/faults/tools.sh` brings it (as root, with apt-get),
# `--list` prints the table. What stays missing skips its rows, and the suite says which and why.
set -u

# program or file | Debian package | rows of test/faults/README.md
table() {
  cat <<'END'
strace|strace|1-3, 6, archive
zstd|zstd|archive
mkfs.xfs|xfsprogs|3 (clones), 6
xfs_io|xfsprogs|6
mkfs.ext4|e2fsprogs|6
mount|mount|4-7
losetup|mount|the suite itself
umount|mount|4-7
gcc|gcc|7
pkg-config|pkg-config|7
/usr/include/fuse3/fuse.h|libfuse3-dev|7
fusermount3|fuse3|7
faketime|faketime|14
END
}

missing() {
  table | while IFS='|' read -r program package rows; do
    [ -e "$program" ] || command -v "$program" >/dev/null 2>&1 || echo "$program|$package|$rows"
  done
}

PATH=$PATH:/usr/sbin:/sbin
if [ "${1:-}" = --list ]; then table && exit; fi
packages=$(missing | cut -d'|' -f2 | sort -u)
if [ -n "$packages" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  # shellcheck disable=SC2086 # a list of packages; gcc without recommendations lacks the C library's headers
  apt-get update -qq </dev/null && DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $packages libc6-dev </dev/null >/dev/null
fi
missing | while IFS='|' read -r program package rows; do
  echo "NOT INSTALLED: $program (package $package): rows $rows are skipped." >&2
done
