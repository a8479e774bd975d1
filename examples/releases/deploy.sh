#!/bin/sh
# Puts a build into a folder of releases that skiff serves.
#
#   deploy.sh BUILD RELEASES [NAME]
#
# NAME is the time in UTC unless it is given. The copy has a hidden name until it
# is complete, so that skiff never sees half of it.
set -eu

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
  echo "Usage: deploy.sh BUILD RELEASES [NAME]" >&2
  exit 2
fi
build=$1
releases=$2
name=${3:-$(date -u +%Y-%m-%d-%H%M%S)}
copy=$releases/.deploy-$$

if [ ! -d "$build" ]; then
  echo "deploy.sh: there is no folder $build" >&2
  exit 1
fi
mkdir -p "$releases"
# "mv" would move the copy into a folder that is there.
if [ -e "$releases/$name" ]; then
  echo "deploy.sh: there is a release $name already" >&2
  exit 1
fi
trap 'rm -rf "$copy"' EXIT
trap 'exit 1' HUP INT TERM
cp -Rp "$build" "$copy"
mv "$copy" "$releases/$name"
echo "Deployed $name"
