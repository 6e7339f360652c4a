//! The binary `modelgate`. All that it does is in the library.

fn main() -> std::process::ExitCode {
    modelgate::command::main()
}
