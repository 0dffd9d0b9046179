#!/usr/bin/env bash
# Starts Lorgnette's server. Options go to `lorgnette serve`; LORGNETTE_DEMO=false leaves out the demonstration programs.
#
# In an image that source-to-image has built it listens on all addresses at port ${PORT:-8080}, behind the cluster's
# router; everywhere else on localhost. LORGNETTE_TOKEN fixes the token of the login, for all replicas.
#
# Where the active Python has what the server needs (conda, source-to-image, a virtual environment) that one is used,
# otherwise one in .venv beside this file, which is made, and filled anew whenever pyproject.toml has changed.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
venv=$here/.venv
stamp=$venv/.lorgnette-server

say() { printf '%s\n' "$*" >&2; }

# Is the command a Python that is new enough?
is_new() { command -v "$1" >/dev/null && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# Can it import what the server imports, with the Bokeh that our extension was built for? Only looked for, not imported:
# that would take a second.
is_complete() {
    "$1" -c 'from importlib.metadata import version
from importlib.util import find_spec
names = "PIL aiohttp astropy awkward bokeh cramjam fsspec imagecodecs numpy pandas platformdirs prometheus_client"
names += " psutil pyarrow pydantic regions tifffile tornado uproot yaml"
raise SystemExit(not all(map(find_spec, names.split())) or not version("bokeh").startswith("3.9."))' 2>/dev/null
}

install() {
    local base digest
    if [[ ! -x $venv/bin/python ]]; then
        for base in python3 python3.14 python3.13 python3.12 python3.11 ""; do
            if [[ -n $base ]] && is_new "$base"; then break; fi
        done
        if [[ -z $base ]]; then
            say "Lorgnette's server needs Python 3.11 or newer, and there is none on the PATH. Please install one."
            exit 1
        fi
        say "The active Python lacks what the server needs: making a virtual environment in $venv."
        "$base" -m venv "$venv"
    fi
    digest=$("$venv/bin/python" -c 'import hashlib, sys
print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$here/pyproject.toml")
    if [[ ! -f $stamp || $(<"$stamp") != "$digest" ]]; then
        say "Installing Lorgnette and what its server needs into $venv; this takes a minute."
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$here[server]"
        printf '%s\n' "$digest" >"$stamp"
    fi
}

if is_new python && is_complete python; then
    python=python
else
    install
    python=$venv/bin/python
fi

# The router tells in its headers who asks, and whether by https.
if [[ -n ${STI_SCRIPTS_PATH:-} ]]; then
    set -- --address 0.0.0.0 --port "${PORT:-8080}" --use-xheaders "$@"
fi

# The sources here are the ones that run, from whatever directory this was called.
export PYTHONPATH=$here${PYTHONPATH:+:$PYTHONPATH}
say "Starting Lorgnette with $(command -v "$python")."
exec "$python" -m lorgnette serve --demo "$@"
