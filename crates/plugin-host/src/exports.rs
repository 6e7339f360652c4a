//! The callbacks of proxy-wasm ABI 0.2.1, each handed to the runtime. Those that not every module has are in [`export!`](crate::export).

use crate::{abi, runtime};
use plugin::{Answer, Flow, Headers};

/// The largest answer to a call that is read, in bytes. The host offers it whole, so that a larger one would fill the VM.
const MAX_ANSWER_BYTES: usize = 16 << 20;

/// The ABI that this module speaks.
#[unsafe(no_mangle)]
pub extern "C" fn proxy_abi_version_0_2_1() {}

/// Memory for the host to write an answer into.
#[unsafe(no_mangle)]
pub extern "C" fn proxy_on_memory_allocate(size: usize) -> *mut u8 {
    abi::allocate(size)
}

/// A context begins: a root context (no parent) or a stream.
#[unsafe(no_mangle)]
pub extern "C" fn proxy_on_context_create(context: u32, parent: u32) {
    runtime::create(context, parent);
}

/// The VM starts.
#[unsafe(no_mangle)]
pub extern "C" fn proxy_on_vm_start(_context: u32, _size: usize) -> u32 {
    1
}

/// A root context gets its configuration. Returning 0 refuses it.
#[unsafe(no_mangle)]
pub extern "C" fn proxy_on_configure(context: u32, size: usize) -> u32 {
    u32::from(runtime::configure(context, size))
}

/// Time passes for a root context.
#[unsafe(no_mangle)]
pub extern "C" fn proxy_on_tick(context: u32) {
    runtime::tick(context);
}

/// A context is gone.
#[unsafe(no_mangle)]
pub extern "C" fn proxy_on_delete(context: u32) {
    runtime::delete(context);
}

/// The head of a request.
#[unsafe(no_mangle)]
pub extern "C" fn proxy_on_request_headers(context: u32, _count: u32, end: u32) -> u32 {
    code(runtime::on_stream(context, |stream, host| stream.on_request_headers(host, end != 0)))
}

/// A part of a request's body.
#[unsafe(no_mangle)]
pub extern "C" fn proxy_on_request_body(context: u32, size: usize, end: u32) -> u32 {
    code(runtime::on_stream(context, |stream, host| stream.on_request_body(host, size, end != 0)))
}

/// The trailers of a request.
#[unsafe(no_mangle)]
pub extern "C" fn proxy_on_request_trailers(context: u32, _count: u32) -> u32 {
    code(runtime::on_stream(context, |stream, host| stream.on_request_trailers(host)))
}

/// The head of a response.
#[unsafe(no_mangle)]
pub extern "C" fn proxy_on_response_headers(context: u32, _count: u32, end: u32) -> u32 {
    code(runtime::on_stream(context, |stream, host| stream.on_response_headers(host, end != 0)))
}

/// A part of a response's body, where the module has that callback.
pub fn response_body(context: u32, size: usize, end: bool) -> u32 {
    code(runtime::on_stream(context, |stream, host| stream.on_response_body(host, size, end)))
}

/// The trailers of a response, where the module has that callback.
pub fn response_trailers(context: u32) -> u32 {
    code(runtime::on_stream(context, |stream, host| stream.on_response_trailers(host)))
}

/// An HTTP call was answered, or came to nothing (no header fields).
pub fn http_answer(token: u32, headers: u32, body_size: usize) {
    runtime::answer(token, || {
        let head = Headers::from_pairs(abi::header_pairs(abi::Map::CallResponse).unwrap_or_default());
        match head.text(":status").and_then(|status| status.parse().ok()) {
            Some(status) if headers > 0 && body_size <= MAX_ANSWER_BYTES => {
                let body = abi::buffer(abi::Buffer::CallResponseBody, body_size).unwrap_or_default();
                Answer::Http { status, body }
            }
            _ => Answer::Failed(None),
        }
    });
}

/// A gRPC call was answered.
pub fn grpc_answer(token: u32, size: usize) {
    runtime::answer(token, || match abi::buffer(abi::Buffer::GrpcMessage, size.min(MAX_ANSWER_BYTES + 1)) {
        Ok(message) if message.len() <= MAX_ANSWER_BYTES => Answer::Message(message),
        Ok(_) => Answer::Failed(None),
        // An empty message has no buffer.
        Err(_) if size == 0 => Answer::Message(Vec::new()),
        Err(_) => Answer::Failed(None),
    });
}

/// A gRPC call came to nothing.
pub fn grpc_failure(token: u32, status: u32) {
    runtime::answer(token, || Answer::Failed(Some(status)));
}

/// What a callback returns: 0 `Continue`, 1 `StopIteration`, 3 `StopAllIterationAndBuffer`. A stream that is not there, or
/// that is at work already (the host re-entered), lets the part pass: the proxy is ending it.
fn code(flow: Option<Flow>) -> u32 {
    match flow {
        None | Some(Flow::Continue) => 0,
        Some(Flow::Pause) => 1,
        Some(Flow::PauseAll) => 3,
    }
}
