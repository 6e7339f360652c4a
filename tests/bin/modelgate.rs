//! The binary `modelgate`, for the tests.

fn main() -> std::process::ExitCode {
    modelgate::command::main()
}
