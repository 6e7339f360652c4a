#!/usr/bin/env bash
# Builds the filters as WebAssembly modules: dist/<name>.wasm, with the size and the sha256 of each.
#
#   ./wasm-build.sh                  every filter of filters/
#   ./wasm-build.sh model_router     the named ones; a path to a crate (tests/probe) works too
#   ./wasm-build.sh NAME_VARIANT     NAME with the feature VARIANT, for size, where its Cargo.toml lists it:
#                                    [package.metadata.wasm] variants = ["VARIANT"]
#
# A second run with nothing changed builds nothing. Modules are shrunk with wasm-opt where it can be had.
#
# The wasm32-wasip1 target is provided here, in this order: it is installed already; `rustup target add`; built from Debian's
# rust-src and wasi-libc packages (for machines without rustup's server).
set -euo pipefail
cd "$(dirname "$0")"

TARGET=wasm32-wasip1
DIST=${DIST:-dist}
WORK=${CARGO_TARGET_DIR:-target}/wasm-target
log() { printf '%s\n' "$*" >&2; }

have_target() { compgen -G "$(rustc --print sysroot)/lib/rustlib/$TARGET/lib/libstd-*.rlib" >/dev/null; }

# A private apt view of one suite, on the mirror that this machine already uses.
apt_suite() {
    local root=$1 suite=$2 mirror
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -v security | sort -u | head -n 1)
    [ -n "$mirror" ] || { log "  apt knows no mirror (no sources configured?)"; return 1; }
    mkdir -p "$root/lists/partial" "$root/cache/archives/partial"
    : >"$root/status"
    printf 'deb %s %s main\n' "$mirror" "$suite" >"$root/sources.list"
    APT=(-o "Dir::State=$root" -o "Dir::State::lists=$root/lists" -o "Dir::State::status=$root/status"
        -o "Dir::Cache=$root/cache" -o "Dir::Etc::sourcelist=$root/sources.list" -o Dir::Etc::sourceparts=/nonexistent)
    apt-get -q "${APT[@]}" update >"$root/update.log" 2>&1 || { log "  apt-get update of $suite failed, see $root/update.log"; return 1; }
}

from_debian() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { log "  no apt-get or dpkg-deb here"; return 1; }
    local sysroot version root pin suite=trixie-backports libdir
    sysroot=$(rustc --print sysroot)
    version=$(rustc --version | cut -d' ' -f2)
    mkdir -p "$WORK"
    root=$(cd "$WORK" && pwd)
    apt_suite "$root" "$suite" || return 1
    pin=$(apt-cache "${APT[@]}" madison rust-src | awk '{print $3}' | grep -m 1 "^$version[+~-]") ||
        { log "  $suite has no rust-src $version"; return 1; }
    (cd "$root" && rm -f ./*.deb && apt-get -q "${APT[@]}" download "rust-src=$pin" wasi-libc >download.log 2>&1) ||
        { log "  download of rust-src or wasi-libc failed, see $root/download.log"; return 1; }
    rm -rf "$root/deb" && mkdir -p "$root/deb"
    for deb in "$root"/*.deb; do dpkg-deb -x "$deb" "$root/deb"; done
    local library libc
    library=$(dirname "$(find "$root/deb" -path '*library/Cargo.lock' -print -quit)")
    libc=$(dirname "$(find "$root/deb" -path '*wasm32-wasi/crt1-reactor.o' -print -quit)")
    [ -f "$library/Cargo.toml" ] && [ -f "$libc/libc.a" ] || { log "  the packages do not hold what was expected"; return 1; }
    mkdir -p "$sysroot/lib/rustlib/src/rust"
    local src="$sysroot/lib/rustlib/src/rust/library" ours=
    [ -f "$src/Cargo.lock" ] || { ln -sfn "$library" "$src" && ours=yes; }

    rm -rf "$root/std" && mkdir -p "$root/std/src"
    printf '[package]\nname = "wasm-std"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$root/std/Cargo.toml"
    : >"$root/std/src/lib.rs"
    (cd "$root/std" && env -u CARGO_TARGET_DIR RUSTC_BOOTSTRAP=1 RUSTFLAGS="-L native=$libc -C link-self-contained=no" \
        cargo build --release --target "$TARGET" -Z build-std=std,panic_abort >"$root/std.log" 2>&1) ||
        { log "  building std failed, see $root/std.log"; return 1; }
    [ -z "$ours" ] || rm "$src"
    libdir="$sysroot/lib/rustlib/$TARGET/lib"
    mkdir -p "$libdir.new/self-contained"
    find "$root/std/target/$TARGET/release/deps" -name '*.rlib' ! -name 'libwasm_std*' -exec cp {} "$libdir.new/" \;
    cp "$libc"/crt1-*.o "$libc/libc.a" "$libdir.new/self-contained/"
    rm -rf "$libdir" && mv "$libdir.new" "$libdir"
}

provide_target() {
    have_target && return
    log "wasm-build: the Rust target $TARGET is missing; trying rustup target add"
    if command -v rustup >/dev/null && rustup target add "$TARGET" >/dev/null 2>&1 && have_target; then return; fi
    log "  rustup could not provide it; building it from Debian's rust-src and wasi-libc (about a minute, once)"
    if from_debian && have_target; then return; fi
    log "wasm-build: no way to the target $TARGET worked. Tried: installed already; rustup target add; Debian packages."
    log "Install it by hand (rustup target add $TARGET) where rustup's server can be reached, and run this again."
    exit 1
}

# The variants that a filter's Cargo.toml lists.
variants() { sed -n 's/^variants = \[\(.*\)\]$/\1/p' "$1/Cargo.toml" | tr -d '" '; }

# Finds Binaryen's wasm-opt: the one in PATH, else Debian's package (unpacked here, not installed), else npm's.
find_wasm_opt() {
    local dir=$WORK/binaryen
    WASM_OPT=(wasm-opt) && wasm_opt_works && return
    mkdir -p "$dir"
    dir=$(cd "$dir" && pwd)
    WASM_OPT=(env "LD_LIBRARY_PATH=$(echo "$dir"/usr/lib/*-linux-gnu*)" "$dir/usr/bin/wasm-opt")
    if [ ! -d "$dir/usr" ] && command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
        (cd "$dir" && apt-get -q download binaryen && dpkg-deb -x binaryen_*.deb .) >"$dir/debian.log" 2>&1 || true
        WASM_OPT[1]="LD_LIBRARY_PATH=$(echo "$dir"/usr/lib/*-linux-gnu*)"
    fi
    wasm_opt_works && return
    command -v node >/dev/null && command -v npm >/dev/null || return 1
    WASM_OPT=(node "$dir/node_modules/binaryen/bin/wasm-opt")
    wasm_opt_works && return
    npm install --silent --no-save --prefix "$dir" binaryen@132 >"$dir/npm.log" 2>&1 && wasm_opt_works
}

wasm_opt_works() {
    local version
    version=$("${WASM_OPT[@]}" --version 2>/dev/null | grep -o '[0-9]*' | head -n 1) && [ "${version:-0}" -ge 108 ]
}

# Shrinks a module by about an eighth with wasm-opt at this level. Without it the module works as it is.
shrink() {
    local file=$1 level=$2
    if [ -z "${WASM_OPT+looked}" ]; then
        find_wasm_opt || WASM_OPT=()
        [ ${#WASM_OPT[@]} -gt 0 ] || log "wasm-build: no wasm-opt here (neither Binaryen 108 or newer in PATH, nor Debian's" \
            "package binaryen, nor node and npm): modules stay larger than need be"
    fi
    [ ${#WASM_OPT[@]} -gt 0 ] || return 0
    # A stripped module does not say any more which instructions it uses: those that rustc allows itself for this target,
    # and SIMD, which crates ask for in single functions.
    local features=(bulk-memory multivalue mutable-globals nontrapping-float-to-int reference-types sign-ext simd) known
    known=$("${WASM_OPT[@]}" --help)
    for feature in bulk-memory-opt call-indirect-overlong; do
        [[ $known != *"--enable-$feature"* ]] || features+=("$feature")
    done
    if "${WASM_OPT[@]}" "$level" "${features[@]/#/--enable-}" "$file" -o "$file.shrunk" >"$file.log" 2>&1; then
        mv "$file.shrunk" "$file"
    else
        log "wasm-build: wasm-opt failed, see $file.log: $file stays larger than need be"
    fi
}

# Whether a filter's Cargo.toml asks for a small module: its time goes into calls of the host, not into its own loops, and Envoy
# compiles each module before it serves.
small() { grep -q '^small = true$' "$1/Cargo.toml"; }

# A variant is built for size, but for what runs over every byte of a body.
build() {
    local name=$1 dir=$2 variant=${3:-} built out=$DIST/$1.wasm target=${CARGO_TARGET_DIR:-target}
    local lib=$name flags=() level=-O2
    if [ -n "$variant" ]; then
        lib=${name%_"$variant"} target=$target/$variant level=-Oz
        flags=(--features "$variant" --target-dir "$target"
            --config 'profile.wasm.opt-level="z"')
    elif small "$dir"; then
        flags=(--config 'profile.wasm.opt-level="s"') level=-Oz
    fi
    cargo build --quiet --profile wasm --target "$TARGET" --lib --manifest-path "$dir/Cargo.toml" "${flags[@]}"
    built=$target/$TARGET/wasm/$lib.wasm
    if ! cmp -s "$built" "$built.seen"; then
        cp "$built" "$built.small" && shrink "$built.small" "$level" && cp "$built" "$built.seen"
    fi
    built=$built.small
    cmp -s "$built" "$out" || cp "$built" "$out.new.$$"
    [ ! -f "$out.new.$$" ] || mv "$out.new.$$" "$out"
    printf '%-18s %9d bytes  sha256 %s\n' "$name" "$(stat -c %s "$out")" "$(sha256sum "$out" | cut -d' ' -f1)"
}

mkdir -p "$DIST" "${CARGO_TARGET_DIR:-target}"
exec 9>"${CARGO_TARGET_DIR:-target}/.wasm-build.lock"
flock 9
provide_target
if [ $# -eq 0 ]; then
    for dir in filters/*/; do
        dir=${dir%/}
        set -- "$@" "$dir"
        for variant in $(variants "$dir" | tr , ' '); do set -- "$@" "${dir}_$variant"; done
    done
fi
for filter in "$@"; do
    dir=${filter%/} variant=
    [ -f "$dir/Cargo.toml" ] || dir=filters/$(basename "$dir")
    name=$(basename "$dir")
    if [ ! -f "$dir/Cargo.toml" ]; then
        variant=${dir##*_} dir=${dir%_*}
        [ -f "$dir/Cargo.toml" ] && [[ ",$(variants "$dir")," == *",$variant,"* ]] ||
            { log "wasm-build: no filter named $name; there are: $(cd filters && echo *)"; exit 1; }
    fi
    build "$name" "$dir" $variant
done
