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
# The standard library is built here as well, once (about half a minute): without what prints panics, which no filter has a use
# for, a module is smaller. A panic is a trap either way. `PANICS=messages ./wasm-build.sh NAME` builds a module that says first
# what panicked, and where.
#
# Its source and the C library below it come from rustup (rust-src, wasm32-wasip1), or from Debian's packages rust-src and
# wasi-libc (for machines without rustup's server). Without a source, rustup's own standard library does: modules stay larger.
set -euo pipefail
cd "$(dirname "$0")"

TARGET=wasm32-wasip1
DIST=${DIST:-dist}
WORK=${CARGO_TARGET_DIR:-target}/wasm-target
log() { printf '%s\n' "$*" >&2; }

case ${PANICS:=trap} in
trap) PANIC_FLAGS=(-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none) ;;
messages) PANIC_FLAGS=(-Cpanic=abort) ;;
*) log "wasm-build: PANICS is trap or messages, not $PANICS" && exit 1 ;;
esac

RUSTLIB=$(rustc --print sysroot)/lib/rustlib
have_target() { compgen -G "$RUSTLIB/$TARGET/lib/libstd-*.rlib" >/dev/null; }
have_source() { [ -f "$RUSTLIB/src/rust/library/Cargo.lock" ]; }

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

# Fetches Debian's packages of the source (LIBRARY) and of the C library (LIBC), once.
from_debian() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { log "  no apt-get or dpkg-deb here"; return 1; }
    local version root pin suite=trixie-backports
    version=$(rustc --version | cut -d' ' -f2)
    mkdir -p "$WORK"
    root=$(cd "$WORK" && pwd)
    if [ ! -d "$root/deb-$version" ]; then
        apt_suite "$root" "$suite" || return 1
        pin=$(apt-cache "${APT[@]}" madison rust-src | awk '{print $3}' | grep -m 1 "^$version[+~-]") ||
            { log "  $suite has no rust-src $version"; return 1; }
        (cd "$root" && rm -f ./*.deb && apt-get -q "${APT[@]}" download "rust-src=$pin" wasi-libc >download.log 2>&1) ||
            { log "  download of rust-src or wasi-libc failed, see $root/download.log"; return 1; }
        rm -rf "$root/deb" && mkdir -p "$root/deb"
        for deb in "$root"/*.deb; do dpkg-deb -x "$deb" "$root/deb"; done
        mv "$root/deb" "$root/deb-$version" && rm "$root"/*.deb
    fi
    LIBRARY=$(dirname "$(find "$root/deb-$version" -path '*library/Cargo.lock' -print -quit)")
    LIBC=$(dirname "$(find "$root/deb-$version" -path '*wasm32-wasi/crt1-reactor.o' -print -quit)")
    [ -f "$LIBRARY/Cargo.toml" ] && [ -f "$LIBC/libc.a" ] || { log "  the packages do not hold what was expected"; return 1; }
}

from_rustup() {
    have_target || ! command -v rustup >/dev/null || rustup target add "$TARGET" >/dev/null 2>&1 || true
    have_source || ! command -v rustup >/dev/null || rustup component add rust-src >/dev/null 2>&1 || true
    have_target && have_source && LIBC=$RUSTLIB/$TARGET/lib/self-contained && LIBRARY=$RUSTLIB/src/rust/library
}

# Builds the standard library into a sysroot of its own, for size (its sorting and printing too), without backtraces. Cargo looks
# for the source in the toolchain alone: Debian's is linked there for so long. Where the target folder is not in this repository,
# rustup would take another toolchain than ours there.
build_std() {
    local new=$1 work linked= status=0
    rm -rf "$WORK/std" && mkdir -p "$WORK/std/src" "$new/lib/rustlib/$TARGET/lib/self-contained"
    work=$(cd "$WORK/std" && pwd)
    printf '%s\n' '[package]' 'name = "wasm-std"' 'version = "0.0.0"' 'edition = "2021"' '[workspace]' '[profile.release]' \
        'opt-level = "s"' 'codegen-units = 1' 'panic = "abort"' >"$work/Cargo.toml"
    : >"$work/src/lib.rs"
    without_demangler "$work/demangle"
    have_source || { mkdir -p "$RUSTLIB/src/rust" && ln -sfn "$LIBRARY" "$RUSTLIB/src/rust/library" && linked=yes; }
    (cd "$work" && env -u CARGO_TARGET_DIR -u CARGO_ENCODED_RUSTFLAGS RUSTC_BOOTSTRAP=1 \
        RUSTUP_TOOLCHAIN="$(basename "${RUSTLIB%/lib/rustlib}")" \
        RUSTFLAGS="${PANIC_FLAGS[*]} -Cembed-bitcode=yes -Clink-self-contained=no -Lnative=$LIBC" \
        cargo build --release --target "$TARGET" --target-dir target -Z build-std=std,panic_abort -Z build-std-features=optimize_for_size \
        --config 'patch.crates-io.rustc-demangle.path="demangle"' >"$work.log" 2>&1) || status=$?
    [ -z "$linked" ] || rm "$RUSTLIB/src/rust/library"
    [ "$status" = 0 ] || { log "  building std failed, see $work.log"; return 1; }
    find "$work/target/$TARGET/release/deps" -name '*.rlib' ! -name 'libwasm_std*' -exec cp {} "$new/lib/rustlib/$TARGET/lib/" \;
    cp "$LIBC"/crt1-*.o "$LIBC/libc.a" "$new/lib/rustlib/$TARGET/lib/self-contained/"
    rm -rf "$work"
}

# A stand-in for the crate that makes function names readable, 25 KB wherever an error may carry a backtrace. A module has no
# names of functions, and no backtraces.
without_demangler() {
    local version
    version=$(sed -n '/^name = "rustc-demangle"$/{n;s/^version = //p;}' "$LIBRARY/Cargo.lock")
    mkdir -p "$1/src"
    printf '%s\n' '[package]' 'name = "rustc-demangle"' "version = $version" 'edition = "2021"' '[features]' \
        'rustc-dep-of-std = ["core"]' '[dependencies.core]' 'package = "rustc-std-workspace-core"' 'version = "1"' \
        'optional = true' >"$1/Cargo.toml"
    cat >"$1/src/lib.rs" <<'RUST'
#![no_std]
use core::fmt;
#[derive(Debug)]
pub struct Demangle<'a>(&'a str);
pub struct TryDemangleError;
impl<'a> Demangle<'a> {
    pub fn as_str(&self) -> &'a str {
        self.0
    }
}
impl fmt::Display for Demangle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
pub fn try_demangle(_: &str) -> Result<Demangle<'_>, TryDemangleError> {
    Err(TryDemangleError)
}
RUST
}

# Finds or builds what modules are linked with: SYSROOT, or nothing where rustup's own must do.
provide_std() {
    local key
    key=$({ rustc -vV && printf '%s\n' "${PANIC_FLAGS[@]}" && declare -f build_std without_demangler; } | sha256sum | cut -c 1-16)
    mkdir -p "$WORK"
    SYSROOT=$(cd "$WORK" && pwd)/sysroot-$key
    [ ! -d "$SYSROOT" ] || return 0
    log "wasm-build: building the standard library for $TARGET (once)"
    rm -rf "$SYSROOT.new"
    if { from_rustup || { log "  rustup has no source and target here; trying Debian's packages" && from_debian; }; } &&
        build_std "$SYSROOT.new"; then
        mv "$SYSROOT.new" "$SYSROOT"
        return
    fi
    SYSROOT=
    if have_target; then
        log "wasm-build: the standard library could not be built; the toolchain's own does, and modules stay larger than need be"
        return
    fi
    log "wasm-build: no way to the target $TARGET worked. Tried: rustup (rust-src and $TARGET); Debian's packages; rustup's own."
    log "Install it by hand (rustup target add $TARGET) where rustup's server can be reached, and run this again."
    exit 1
}

# cargo, with that standard library, and with vector instructions, by which bodies are searched for quotes. Every Envoy that runs
# these modules has them. Only builds with our standard library may use what is not stable yet: the way to trap.
cargo_wasm() {
    local IFS=$'\x1f' flags=(-Ctarget-feature=+simd128)
    [ -n "$SYSROOT" ] || { CARGO_ENCODED_RUSTFLAGS="${flags[*]}" cargo "$@"; return; }
    flags+=("--sysroot=$SYSROOT" "${PANIC_FLAGS[@]}")
    RUSTC_BOOTSTRAP=1 CARGO_ENCODED_RUSTFLAGS="${flags[*]}" cargo "$@"
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

# Shrinks a module by about a sixth with wasm-opt. Without it the module works as it is. For size is as fast: Envoy optimises once
# more. The low memory that may count as unused is the far end of the stack, which rustc puts first.
shrink() {
    local file=$1
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
    if "${WASM_OPT[@]}" -Oz --low-memory-unused "${features[@]/#/--enable-}" "$file" -o "$file.shrunk" >"$file.log" 2>&1; then
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
    local lib=$name flags=()
    if [ -n "$variant" ]; then
        lib=${name%_"$variant"} target=$target/$variant
        flags=(--features "$variant" --target-dir "$target"
            --config 'profile.wasm.opt-level="z"')
    elif small "$dir"; then
        flags=(--config 'profile.wasm.opt-level="s"')
    fi
    cargo_wasm build --quiet --profile wasm --target "$TARGET" --lib --manifest-path "$dir/Cargo.toml" "${flags[@]}"
    built=$target/$TARGET/wasm/$lib.wasm
    if ! cmp -s "$built" "$built.seen"; then
        cp "$built" "$built.small" && shrink "$built.small" && cp "$built" "$built.seen"
    fi
    built=$built.small
    cmp -s "$built" "$out" || cp "$built" "$out.new.$$"
    [ ! -f "$out.new.$$" ] || mv "$out.new.$$" "$out"
    printf '%-18s %9d bytes  sha256 %s\n' "$name" "$(stat -c %s "$out")" "$(sha256sum "$out" | cut -d' ' -f1)"
}

mkdir -p "$DIST" "${CARGO_TARGET_DIR:-target}"
exec 9>"${CARGO_TARGET_DIR:-target}/.wasm-build.lock"
flock 9
provide_std
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
