#!/bin/sh
# sh build/musl-root.sh ARCH FOLDER
#
# Makes FOLDER the root of a little system with musl, its C++ library and BusyBox, and nothing of glibc: what a
# musl binary meets on Alpine. ARCH is x64 or arm64 (run through qemu). Everything comes from package registries:
# musl itself from Debian (1.2.4 at least: the C++ library uses relocations that older ones ignore), the C++ library
# from inside a Python wheel made for musl. Exit 1, and one line that says why, where that cannot be had.
set -eu

arch=$1 root=$2
wheel=greenlet==3.2.4
release=trixie

stop() { echo "$1" >&2 && exit 1; }

case $arch in
  x64) machine=x86_64 debian=amd64 sum=326d234cbf337c9c3def0676412eb7040a35a768efc92504b947b3e9cfc7543d ;;
  arm64) machine=aarch64 debian=arm64 sum=ee7a6ec486883397d70eec05059353b8e83eca9168b9f3f9a361971e77e0bcd0 ;;
  *) stop "no such architecture: $arch" ;;
esac
for tool in apt-get dpkg-deb pip unzip busybox sha256sum; do
  command -v "$tool" >/dev/null 2>&1 || stop "there is no $tool here"
done
[ "$arch" = x64 ] || command -v qemu-aarch64-static >/dev/null 2>&1 || stop "there is no qemu-aarch64-static here"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
staged=$work/root
mkdir -p "$staged/bin" "$staged/lib" "$staged/usr/lib" "$staged/usr/bin" "$staged/tmp" "$staged/proc" \
  "$staged/dev" "$staged/root" "$work/parts" "$work/lists/partial" "$work/cache/archives/partial" "$work/deb"

# The registry that apt is set up for, with another release's name; nothing of this machine's own lists changes.
sources=/etc/apt/sources.list.d/debian.sources
[ -r "$sources" ] || stop "apt keeps its list of sources elsewhere here"
awk 'BEGIN { RS = ""; ORS = "\n\n" } !/security/' "$sources" |
  sed "s/^Suites:.*/Suites: $release/" >"$work/parts/debian.sources"
apt() {
  (cd "$work/deb" && apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/parts" \
    -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o Dir::State::status=/dev/null \
    -o APT::Sandbox::User=root -o APT::Architecture="$debian" -o APT::Architectures="$debian" "$@" </dev/null)
}
apt update >/dev/null 2>&1 || stop "apt-get update failed for $release"
apt download "musl:$debian" >/dev/null 2>&1 || stop "apt-get brought no musl for $debian"
dpkg-deb -x "$work"/deb/musl_*.deb "$work/musl"
cp "$work/musl/usr/lib/$machine-linux-musl/libc.so" "$staged/lib/ld-musl-$machine.so.1"

pip download -q --disable-pip-version-check --no-deps --only-binary=:all: --platform "musllinux_1_2_$machine" \
  --python-version 312 --implementation cp -d "$work/wheel" "$wheel" >/dev/null 2>&1 || stop "pip brought no $wheel"
echo "$sum  $(echo "$work"/wheel/*.whl)" | sha256sum -c --quiet - || stop "$wheel is not the file expected"
unzip -q -d "$work/wheel" "$work"/wheel/*.whl
cp "$work"/wheel/*.libs/libstdc++* "$staged/usr/lib/libstdc++.so.6"
cp "$work"/wheel/*.libs/libgcc_s* "$staged/usr/lib/"
gcc=$(basename "$work"/wheel/*.libs/libgcc_s*)
ln -s "$gcc" "$staged/usr/lib/libgcc_s.so.1"

cp "$(command -v busybox)" "$staged/bin/busybox" # static, and for this machine: it also starts what is emulated
ln -s busybox "$staged/bin/sh"
[ "$arch" = x64 ] || cp "$(command -v qemu-aarch64-static)" "$staged/usr/bin/qemu-aarch64-static"
mkdir -p "$(dirname "$root")"
rm -rf "$root"
mv "$staged" "$root"
