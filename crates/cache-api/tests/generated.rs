//! The committed code is what the `.proto` files say. `UPDATE=1` writes it anew.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::Path;

const FILES: [&str; 2] = ["budget.proto", "cache.proto"];
const GRPC: &str = "#[cfg(feature = \"grpc\")]";

#[test]
fn the_committed_code_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = tempfile::tempdir().unwrap();
    let mut compiler = protox::Compiler::new([root.join("proto")]).unwrap();
    compiler.include_imports(true).include_source_info(true);
    for file in FILES {
        compiler.open_file(file).unwrap();
    }
    let mut build = tonic_prost_build::configure().out_dir(made.path());
    for package in ["modelgate.budget.v1", "modelgate.cache.v1"] {
        build = build.client_mod_attribute(package, GRPC).server_mod_attribute(package, GRPC);
    }
    build.compile_fds(compiler.file_descriptor_set()).unwrap();
    fs::write(made.path().join("descriptors.bin"), compiler.encode_file_descriptor_set()).unwrap();

    for entry in fs::read_dir(made.path()).unwrap() {
        let entry = entry.unwrap();
        let committed = root.join("src/generated").join(entry.file_name());
        let fresh = fs::read(entry.path()).unwrap();
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&committed, &fresh).unwrap();
        }
        assert!(
            fs::read(&committed).is_ok_and(|bytes| bytes == fresh),
            "{} is stale: run `UPDATE=1 cargo test -p modelgate-cache-api`",
            committed.display()
        );
    }
}
