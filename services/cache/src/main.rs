//! The binary `modelgate-cache`. All that it does is in the library.

fn main() -> std::process::ExitCode {
    modelgate_cache::command::main()
}
