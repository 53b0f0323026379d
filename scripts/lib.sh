# Shared by every script here: where things are, how a line of progress looks, what a fingerprint is.
# Sourced by bash (3.2 or newer, so that it runs on macOS too) with the checkout as working directory.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

CHECKOUT=$PWD
VENV=$CHECKOUT/.venv
STAMPS=$CHECKOUT/target/stamps
LOGS=$CHECKOUT/target/logs

# Tools that cargo compiles are kept per user and per version, so that all checkouts share them.
TOOLS=${XDG_CACHE_HOME:-$HOME/.cache}/djust-wasm/tools
WASM_BINDGEN=0.2.130 # equals the version of the wasm-bindgen crate, exactly
WASM_PACK=0.15.1
GECKODRIVER=0.37.1

# The supported Django versions beside the one in .venv, which is the LTS.
DJANGOS="6.0 6.1"

# A tool of the right version on the PATH is taken as it is (see scripts/steps); the cache comes after
# it, and cargo itself is found even if the shell has not read rustup's environment file.
export PATH="$VENV/bin:$CHECKOUT/node_modules/.bin:$PATH:$HOME/.cargo/bin"
for tool in "wasm-bindgen-cli-$WASM_BINDGEN" "wasm-pack-$WASM_PACK" "geckodriver-$GECKODRIVER"; do
    if [ -d "$TOOLS/$tool/bin" ]; then PATH="$TOOLS/$tool/bin:$PATH"; fi
done
export VIRTUAL_ENV=$VENV PIP_DISABLE_PIP_VERSION_CHECK=1

if [ -t 1 ]; then BOLD=$'\e[1m' RED=$'\e[31m' GREEN=$'\e[32m' DIM=$'\e[2m' PLAIN=$'\e[0m'
else BOLD='' RED='' GREEN='' DIM='' PLAIN=''; fi

have() { command -v "$1" >/dev/null 2>&1; }

# `version_of wasm-pack` prints the first number with dots that `wasm-pack --version` says.
version_of() { "$1" --version 2>/dev/null | grep -Eo '[0-9]+(\.[0-9]+)+' | head -n 1; }

# `at_least 3.10 3.9.2` succeeds when the second version is not older than the first.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$1" ]; }

# One number for the content of the files named on standard input; files that are gone do not count.
fingerprint() {
    local sum="shasum -a 256"
    have sha256sum && sum=sha256sum
    { LC_ALL=C sort | while IFS= read -r file; do [ ! -f "$file" ] || $sum "$file"; done; } | $sum | cut -c 1-64
}

# The files below the named folders and files, without what an editor or Python leaves behind.
sources() { find "$@" -type f ! -name '*.pyc' ! -name '*.so' ! -name '*~' 2>/dev/null || true; }

# `find_python 12` prints a Python 3.12 or newer, without a number 3.10: $PYTHON if it fits, else the
# first that does.
find_python() {
    local name
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python3.10 python \
        "$HOME"/.pyenv/versions/3.{14,13,12,11,10}*/bin/python3 "$TOOLS/trixie/usr/bin/python3.13"; do
        if have "$name" && "$name" -c "import sys; sys.exit(sys.version_info < (3, ${1:-10}))" 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    return 1
}

seconds() { if [ "$1" -lt 60 ]; then echo "$1 s"; else echo "$(($1 / 60)) min $(($1 % 60)) s"; fi; }

# The command that installs system packages here, by their Debian names; elsewhere what to look for.
how_to_install() {
    if have apt-get; then
        if [ "$(id -u)" = 0 ]; then echo "apt-get install -y $*"; else echo "sudo apt-get install -y $*"; fi
    elif have brew; then echo "brew install $(echo "$*" | sed 's/python3-venv//; s/python3/python/; s/nodejs npm/node/; s/build-essential/gcc/')"
    elif have dnf; then echo "sudo dnf install $(echo "$*" | sed 's/python3-venv//; s/build-essential/gcc/')"
    else echo "install with your package manager: $*"; fi
}

# Whether system packages can be installed here without asking anybody; then `install_packages` does it.
installs_packages() { have apt-get && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }
install_packages() {
    local run=
    [ "$(id -u)" = 0 ] || run="sudo -n"
    $run apt-get update -q
    $run env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "$@"
}

# `compile_tool wasm-pack 0.15.1 --locked` puts a tool into the cache: compiled for a short wait rather
# than for speed, next to its final place, and renamed when complete.
compile_tool() {
    local final=$TOOLS/$1-$2 half=$TOOLS/.$1-$2-$$
    mkdir -p "$TOOLS"
    trap "rm -rf '$half'" EXIT
    CARGO_TARGET_DIR=$half/target \
        CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=false CARGO_PROFILE_RELEASE_CODEGEN_UNITS=64 \
        cargo install "$1" --version "$2" --root "$half" "${@:3}"
    rm -rf "$half/target"
    # Another checkout may have been faster; then its result serves both.
    [ -d "$final" ] || mv "$half" "$final"
}

first_of() { local name; for name; do if have "$name"; then echo "$name"; return; fi; done; echo "$1"; }
CHROMIUM=${CHROMIUM:-$(first_of chromium chromium-browser google-chrome google-chrome-stable)}
FIREFOX=${FIREFOX:-$(first_of firefox-esr firefox)}
WEBKIT_DRIVER=${WEBKIT_DRIVER:-$(first_of WebKitWebDriver safaridriver)}

# The folder of PostgreSQL's programs; Debian does not put it on the PATH.
postgres_bin() {
    local program
    for program in "$(type -P initdb || true)" /usr/lib/postgresql/*/bin/initdb; do
        if [ -x "$program" ]; then dirname "$program"; return; fi
    done
}
