//! The binary `modelgate-cache`, for the tests.

fn main() -> std::process::ExitCode {
    modelgate_cache::command::main()
}
