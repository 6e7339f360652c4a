//! The committed client of Milvus is what its `.proto` file says. `UPDATE=1` writes it anew.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::Path;

#[test]
fn the_committed_code_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = tempfile::tempdir().unwrap();
    let mut compiler = protox::Compiler::new([root.join("proto/milvus")]).unwrap();
    compiler.include_imports(true).include_source_info(true);
    compiler.open_file("milvus.proto").unwrap();
    let build = tonic_prost_build::configure().out_dir(made.path()).build_server(false);
    build.compile_fds(compiler.file_descriptor_set()).unwrap();
    let fresh = fs::read(made.path().join("milvus.proto.milvus.rs")).unwrap();
    let committed = root.join("src/cache/store/milvus/generated/milvus.proto.milvus.rs");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&committed, &fresh).unwrap();
    }
    assert!(
        fs::read(&committed).is_ok_and(|bytes| bytes == fresh),
        "{} is stale: run `UPDATE=1 cargo test -p modelgate-cache --test generated`",
        committed.display()
    );
}
