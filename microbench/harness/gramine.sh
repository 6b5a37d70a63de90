#!/bin/bash
# gramine.sh PROGRAM [ARGS...]: runs a program by gramine-direct with the files of this machine below it.
# Gramine wants a manifest beside the name it is started by. Written after its documentation; where there is no
# Gramine this file was never run.
set -eu
program=$(realpath "$1")
shift
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/bench.manifest.template" <<END
loader.entrypoint = "file:{{ gramine.libos }}"
libos.entrypoint = "$program"
loader.insecure__use_cmdline_argv = true
loader.insecure__use_host_env = true
fs.mounts = [ { path = "/", uri = "file:/" } ]
fs.start_dir = "$PWD"
sgx.debug = true
END
gramine-manifest "$dir/bench.manifest.template" "$dir/bench.manifest"
cd "$dir" && gramine-direct bench "$@"
