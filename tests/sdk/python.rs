//! The Python with the real clients.

pub use testkit::python::run;

/// Its interpreter.
pub fn python() -> std::path::PathBuf {
    testkit::python::python("sdk")
}
