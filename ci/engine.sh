#!/bin/sh
# Makes sure that a container engine answers; installs and starts Docker on Debian where none does. Idempotent.
set -eu

if docker info >/dev/null 2>&1; then
    echo "engine.sh: a container engine answers already" >&2
    exit 0
fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "engine.sh: no container engine answers, and installing one takes root on Debian" >&2
    exit 1
fi

wanted=""
command -v dockerd >/dev/null 2>&1 || wanted="$wanted docker.io iptables"
command -v debootstrap >/dev/null 2>&1 || wanted="$wanted debootstrap"
# Only where it is missing: an upgrade would write the bundle anew, and a site may have put its own over it.
[ -e /etc/ssl/certs/ca-certificates.crt ] || wanted="$wanted ca-certificates"
if [ -n "$wanted" ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >&2
    # shellcheck disable=SC2086 # a list of names
    apt-get install -q -y --no-install-recommends $wanted >&2
    # From Debian 13 on the client is a package of its own.
    command -v docker >/dev/null 2>&1 || apt-get install -q -y --no-install-recommends docker-cli >&2
fi

# Installing may have started it already.
if ! docker info >/dev/null 2>&1; then
    log=$(mktemp "${TMPDIR:-/tmp}/dockerd.XXXXXX.log")
    echo "engine.sh: starting dockerd, its log is $log" >&2
    nohup dockerd >"$log" 2>&1 </dev/null &
fi

waited=0
until docker info >/dev/null 2>&1; do
    if [ "$waited" -ge 60 ]; then
        echo "engine.sh: no container engine answers after 60 s; the last lines of its log:" >&2
        [ -z "${log:-}" ] || tail -n 20 "$log" >&2
        exit 1
    fi
    sleep 1
    waited=$((waited + 1))
done
echo "engine.sh: a container engine answers" >&2
