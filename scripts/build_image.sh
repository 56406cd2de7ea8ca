#!/bin/sh
# Build the image with buildah: no daemon, no privileges that a container in CI lacks. Prints its size.
#
#   scripts/build_image.sh [TAG]          # default: dragoman:<version of pyproject.toml>
#
#   BASE=IMAGE         the base, for example one pinned by digest; default: the Dockerfile's
#   DEBIAN_BASE=1      no registry can be reached: make a base of the same name from Debian's packages (mmdebstrap)
#   PIP_CONF=FILE      pip.conf of a mirror or proxy, for the build alone
#   STORE=FOLDER       where layers are kept; default: .cache/containers
#
# Exits 3 where DEBIAN_BASE=1 finds that this machine cannot make a base or run in it, 1 or 125 where the build fails.
set -eu
cd "$(dirname "$0")/.."

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
tag=${1:-dragoman:$version}
base=${BASE:-$(sed -n 's/^ARG BASE=//p' Dockerfile)}
store=${STORE:-$PWD/.cache/containers}

command -v buildah >/dev/null 2>&1 || {
  echo "This needs buildah (Debian, Ubuntu: apt-get install buildah). With Docker: docker build -t $tag ." >&2
  exit 1
}

b() { buildah --storage-driver vfs --root "$store/root" --runroot "$store/run" "$@"; }

no_base() {
  echo "No base image can be made here: DEBIAN_BASE=1 needs mmdebstrap, a Debian mirror, and the right to change root." >&2
  exit 3
}

make_base() {
  command -v mmdebstrap >/dev/null 2>&1 || no_base
  mkdir -p "$store"
  [ -f "$store/base.tar" ] || {
    # Without what Debian's slim images leave out too.
    mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates \
      --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/man/*' \
      --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
      bookworm "$store/base.part.tar" || no_base
    mv "$store/base.part.tar" "$store/base.tar"
  }
  made=$(b from scratch) || no_base
  b add -q "$made" "$store/base.tar" / >/dev/null || no_base
  b run --isolation chroot "$made" -- true || no_base
  b config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$made"
  b commit -q --rm "$made" "$base" >/dev/null || no_base
}

pull=--pull
if [ -n "${DEBIAN_BASE:-}" ]; then
  b inspect --type image "$base" >/dev/null 2>&1 || make_base
  pull=--pull-never
fi

set -- bud --quiet --isolation chroot --format docker "$pull" --tag "$tag" \
  --build-arg "BASE=$base" --build-arg "VERSION=$version" \
  --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)"
[ -z "${PIP_CONF:-}" ] || set -- "$@" --secret "id=pip.conf,src=$PIP_CONF"
# A proxy that signs for PyPI: this machine's certificates are its certificates.
[ -z "${DEBIAN_BASE:-}" ] || set -- "$@" --volume /etc/ssl/certs:/etc/ssl/certs:ro
b "$@" .
b rmi --prune >/dev/null 2>&1 || true  # layers of builds before this one

running=$(b from --pull-never "$tag")
root=$(b mount "$running")
size=$(du -sxm "$root" | cut -f1)
b umount "$running" >/dev/null
b rm "$running" >/dev/null
echo "$tag: $size MB"
