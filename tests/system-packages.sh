#!/bin/sh
# Installs what some tests run for real: a PostgreSQL server, a Chromium with its driver, Chinese fonts, wrk,
# and the checker of Prometheus' rules.
# Asks for nothing where all is there. Without the right to install it says what is missing; those tests are then
# skipped, but never in continuous integration (CI=true).
set -eu

missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v chromedriver >/dev/null 2>&1 || missing="$missing chromium-driver"
command -v wrk >/dev/null 2>&1 || missing="$missing wrk"
command -v promtool >/dev/null 2>&1 || missing="$missing prometheus"
fc-list 2>/dev/null | grep -qi 'cjk' || missing="$missing fonts-noto-cjk fontconfig"
[ -z "$missing" ] && exit 0

sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"
if command -v apt-get >/dev/null 2>&1 && $sudo true 2>/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    $sudo apt-get update -qq
    # shellcheck disable=SC2086 # a list of words
    $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "not installed, and no right to install:$missing; the tests that need them are skipped" >&2
fi
