//! The host calls of proxy-wasm ABI 0.2.1. Each returns a status, and none panics.
//!
//! Source: the proxy-wasm specification, `abi-versions/v0.2.1`.

use plugin::HostError;

mod env {
    #[link(wasm_import_module = "env")]
    unsafe extern "C" {
        pub fn proxy_log(level: u32, message: *const u8, size: usize) -> u32;
        pub fn proxy_get_log_level(level: *mut u32) -> u32;
        pub fn proxy_get_current_time_nanoseconds(time: *mut u64) -> u32;
        pub fn proxy_set_tick_period_milliseconds(period: u32) -> u32;
        pub fn proxy_set_effective_context(context: u32) -> u32;
        pub fn proxy_get_property(
            path: *const u8,
            path_size: usize,
            value: *mut *mut u8,
            value_size: *mut usize,
        ) -> u32;
        pub fn proxy_set_property(path: *const u8, path_size: usize, value: *const u8, value_size: usize) -> u32;
        pub fn proxy_get_shared_data(
            key: *const u8,
            key_size: usize,
            value: *mut *mut u8,
            size: *mut usize,
            version: *mut u32,
        ) -> u32;
        pub fn proxy_set_shared_data(
            key: *const u8,
            key_size: usize,
            value: *const u8,
            size: usize,
            version: u32,
        ) -> u32;
        pub fn proxy_get_header_map_pairs(map: u32, pairs: *mut *mut u8, size: *mut usize) -> u32;
        pub fn proxy_replace_header_map_value(
            map: u32,
            name: *const u8,
            name_size: usize,
            value: *const u8,
            value_size: usize,
        ) -> u32;
        pub fn proxy_remove_header_map_value(map: u32, name: *const u8, name_size: usize) -> u32;
        pub fn proxy_get_buffer_bytes(
            buffer: u32,
            start: usize,
            max: usize,
            bytes: *mut *mut u8,
            size: *mut usize,
        ) -> u32;
        pub fn proxy_get_buffer_status(buffer: u32, size: *mut usize, flags: *mut u32) -> u32;
        pub fn proxy_set_buffer_bytes(buffer: u32, start: usize, length: usize, bytes: *const u8, size: usize) -> u32;
        pub fn proxy_continue_stream(stream: u32) -> u32;
        pub fn proxy_close_stream(stream: u32) -> u32;
        pub fn proxy_send_local_response(
            status: u32,
            details: *const u8,
            details_size: usize,
            body: *const u8,
            body_size: usize,
            headers: *const u8,
            headers_size: usize,
            grpc_status: i32,
        ) -> u32;
        pub fn proxy_http_call(
            upstream: *const u8,
            upstream_size: usize,
            headers: *const u8,
            headers_size: usize,
            body: *const u8,
            body_size: usize,
            trailers: *const u8,
            trailers_size: usize,
            timeout_ms: u32,
            token: *mut u32,
        ) -> u32;
        pub fn proxy_grpc_call(
            service: *const u8,
            service_size: usize,
            name: *const u8,
            name_size: usize,
            method: *const u8,
            method_size: usize,
            metadata: *const u8,
            metadata_size: usize,
            message: *const u8,
            message_size: usize,
            timeout_ms: u32,
            token: *mut u32,
        ) -> u32;
        pub fn proxy_define_metric(kind: u32, name: *const u8, size: usize, id: *mut u32) -> u32;
        pub fn proxy_increment_metric(id: u32, offset: i64) -> u32;
        pub fn proxy_record_metric(id: u32, value: u64) -> u32;
        pub fn proxy_call_foreign_function(
            name: *const u8,
            name_size: usize,
            argument: *const u8,
            argument_size: usize,
            result: *mut *mut u8,
            result_size: *mut usize,
        ) -> u32;
    }
}

/// A buffer of the host.
#[derive(Clone, Copy)]
pub enum Buffer {
    /// The request's body.
    RequestBody = 0,
    /// The response's body.
    ResponseBody = 1,
    /// The body of an HTTP call's response.
    CallResponseBody = 4,
    /// A gRPC message.
    GrpcMessage = 5,
    /// The configuration of the plugin.
    Configuration = 7,
}

/// A header map of the host.
#[derive(Clone, Copy)]
pub enum Map {
    /// The request's head.
    Request = 0,
    /// The response's head.
    Response = 2,
    /// The head of an HTTP call's response.
    CallResponse = 6,
}

/// A direction of the stream.
#[derive(Clone, Copy)]
pub enum Direction {
    /// From the client.
    Request = 0,
    /// To the client.
    Response = 1,
}

/// A kind of metric.
#[derive(Clone, Copy)]
pub enum Kind {
    /// It goes up.
    Counter = 0,
    /// It keeps a distribution.
    Histogram = 2,
}

/// The status of a compare-and-swap that found another version.
pub const CAS_MISMATCH: u32 = 8;

/// What a host call came to.
pub type Outcome<T> = Result<T, HostError>;

fn done(call: &'static str, status: u32) -> Outcome<()> {
    if status == 0 { Ok(()) } else { Err(HostError { call, status }) }
}

/// Takes over bytes that the host allocated through [`allocate`].
fn received(call: &'static str, status: u32, bytes: *mut u8, size: usize) -> Outcome<Vec<u8>> {
    done(call, status)?;
    if bytes.is_null() {
        return Ok(Vec::new());
    }
    // SAFETY: the host wrote `size` bytes to memory that it got from `allocate`, which leaked a Vec of that capacity.
    Ok(unsafe { Vec::from_raw_parts(bytes, size, size) })
}

/// Memory for the host to write an answer into. [`received`] takes it back.
pub fn allocate(size: usize) -> *mut u8 {
    let mut memory = std::mem::ManuallyDrop::new(Vec::<u8>::with_capacity(size));
    memory.as_mut_ptr()
}

/// Runs the constructors of the module. That it is called here keeps the linker from calling it in front of every export.
pub fn construct() {
    #[cfg(target_family = "wasm")]
    {
        unsafe extern "C" {
            fn __wasm_call_ctors();
        }
        // SAFETY: the linker defines it, and it is called once, first of all.
        unsafe { __wasm_call_ctors() };
    }
}

/// Writes a log line.
pub fn log(level: u32, line: &str) {
    // SAFETY: the pointer and the size are of one str.
    unsafe { env::proxy_log(level, line.as_ptr(), line.len()) };
}

/// The level of the host's own log: 0 trace to 5 critical.
pub fn log_level() -> u32 {
    let mut level = 2;
    // SAFETY: the host writes one u32.
    unsafe { env::proxy_get_log_level(&mut level) };
    level
}

/// Nanoseconds since the Unix epoch.
pub fn unix_nanos() -> u64 {
    let mut time = 0;
    // SAFETY: the host writes one u64.
    unsafe { env::proxy_get_current_time_nanoseconds(&mut time) };
    time
}

/// Sets how often the root context of this callback ticks.
pub fn set_tick_period(millis: u32) -> Outcome<()> {
    // SAFETY: no pointers.
    done("set_tick_period", unsafe { env::proxy_set_tick_period_milliseconds(millis) })
}

/// Makes the host calls that follow be about another context.
pub fn set_effective_context(context: u32) -> Outcome<()> {
    // SAFETY: no pointers.
    done("set_effective_context", unsafe { env::proxy_set_effective_context(context) })
}

/// An attribute by its path.
pub fn property(path: &[&str]) -> Outcome<Vec<u8>> {
    let path = path.join("\0");
    let (mut value, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: the path's pointer and size belong together; the host writes one pointer and one size.
    let status = unsafe { env::proxy_get_property(path.as_ptr(), path.len(), &mut value, &mut size) };
    received("get_property", status, value, size)
}

/// Writes filter state.
pub fn set_property(key: &str, value: &[u8]) -> Outcome<()> {
    // SAFETY: pointers and sizes belong together.
    done("set_property", unsafe { env::proxy_set_property(key.as_ptr(), key.len(), value.as_ptr(), value.len()) })
}

/// A value that all workers share, and its version.
pub fn shared_data(key: &str) -> Outcome<(Vec<u8>, u32)> {
    let (mut value, mut size, mut version) = (std::ptr::null_mut(), 0, 0);
    // SAFETY: pointer and size belong together; the host writes one pointer, one size and one u32.
    let status = unsafe { env::proxy_get_shared_data(key.as_ptr(), key.len(), &mut value, &mut size, &mut version) };
    Ok((received("get_shared_data", status, value, size)?, version))
}

/// Writes a value that all workers share. A version of 0 overwrites whatever is there.
pub fn set_shared_data(key: &str, value: &[u8], version: u32) -> Outcome<()> {
    // SAFETY: pointers and sizes belong together.
    let status = unsafe { env::proxy_set_shared_data(key.as_ptr(), key.len(), value.as_ptr(), value.len(), version) };
    done("set_shared_data", status)
}

/// All fields of a header map, in the pairs encoding.
pub fn header_pairs(map: Map) -> Outcome<Vec<u8>> {
    let (mut pairs, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: the host writes one pointer and one size.
    let status = unsafe { env::proxy_get_header_map_pairs(map as u32, &mut pairs, &mut size) };
    received("get_header_map_pairs", status, pairs, size)
}

/// Sets a header field to one value.
pub fn set_header(map: Map, name: &str, value: &[u8]) -> Outcome<()> {
    // SAFETY: pointers and sizes belong together.
    let status = unsafe {
        env::proxy_replace_header_map_value(map as u32, name.as_ptr(), name.len(), value.as_ptr(), value.len())
    };
    done("replace_header_map_value", status)
}

/// Removes all header fields of a name.
pub fn remove_header(map: Map, name: &str) -> Outcome<()> {
    // SAFETY: pointer and size belong together.
    done("remove_header_map_value", unsafe {
        env::proxy_remove_header_map_value(map as u32, name.as_ptr(), name.len())
    })
}

/// The first `max` bytes of a buffer.
pub fn buffer(buffer: Buffer, max: usize) -> Outcome<Vec<u8>> {
    let (mut bytes, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: the host writes one pointer and one size.
    let status = unsafe { env::proxy_get_buffer_bytes(buffer as u32, 0, max, &mut bytes, &mut size) };
    received("get_buffer_bytes", status, bytes, size)
}

/// The size of a buffer, in bytes.
pub fn buffer_size(buffer: Buffer) -> Outcome<usize> {
    let (mut size, mut flags) = (0, 0);
    // SAFETY: the host writes one size and one u32.
    done("get_buffer_status", unsafe { env::proxy_get_buffer_status(buffer as u32, &mut size, &mut flags) })?;
    Ok(size)
}

/// Replaces a buffer whole. (The host knows prepend, append and replace; everything else it refuses.)
pub fn set_buffer(buffer: Buffer, bytes: &[u8]) -> Outcome<()> {
    // SAFETY: pointer and size belong together.
    let status = unsafe { env::proxy_set_buffer_bytes(buffer as u32, 0, usize::MAX >> 1, bytes.as_ptr(), bytes.len()) };
    done("set_buffer_bytes", status)
}

/// Lets a held message go on.
pub fn resume(direction: Direction) -> Outcome<()> {
    // SAFETY: no pointers.
    done("continue_stream", unsafe { env::proxy_continue_stream(direction as u32) })
}

/// Resets the stream.
pub fn close(direction: Direction) -> Outcome<()> {
    // SAFETY: no pointers.
    done("close_stream", unsafe { env::proxy_close_stream(direction as u32) })
}

/// Replies in place of the upstream. `headers` are in the pairs encoding.
pub fn send_local_response(status: u16, details: &str, headers: &[u8], body: &[u8]) -> Outcome<()> {
    // SAFETY: pointers and sizes belong together.
    let status = unsafe {
        env::proxy_send_local_response(
            u32::from(status),
            details.as_ptr(),
            details.len(),
            body.as_ptr(),
            body.len(),
            headers.as_ptr(),
            headers.len(),
            -1,
        )
    };
    done("send_local_response", status)
}

/// Starts an HTTP call; `headers` are in the pairs encoding.
pub fn http_call(cluster: &str, headers: &[u8], body: &[u8], timeout_ms: u32) -> Outcome<u32> {
    let mut token = 0;
    let no_trailers = 0_u32.to_le_bytes();
    // SAFETY: pointers and sizes belong together; the host writes one u32.
    let status = unsafe {
        env::proxy_http_call(
            cluster.as_ptr(),
            cluster.len(),
            headers.as_ptr(),
            headers.len(),
            body.as_ptr(),
            body.len(),
            no_trailers.as_ptr(),
            no_trailers.len(),
            timeout_ms,
            &mut token,
        )
    };
    done("http_call", status)?;
    Ok(token)
}

/// Starts a unary gRPC call; `service` is a serialized `GrpcService`, never a bare cluster name.
pub fn grpc_call(service: &[u8], name: &str, method: &str, message: &[u8], timeout_ms: u32) -> Outcome<u32> {
    let mut token = 0;
    let no_metadata = 0_u32.to_le_bytes();
    // SAFETY: pointers and sizes belong together; the host writes one u32.
    let status = unsafe {
        env::proxy_grpc_call(
            service.as_ptr(),
            service.len(),
            name.as_ptr(),
            name.len(),
            method.as_ptr(),
            method.len(),
            no_metadata.as_ptr(),
            no_metadata.len(),
            message.as_ptr(),
            message.len(),
            timeout_ms,
            &mut token,
        )
    };
    done("grpc_call", status)?;
    Ok(token)
}

/// Defines a metric.
pub fn define_metric(kind: Kind, name: &str) -> Outcome<u32> {
    let mut id = 0;
    // SAFETY: pointer and size belong together; the host writes one u32.
    done("define_metric", unsafe { env::proxy_define_metric(kind as u32, name.as_ptr(), name.len(), &mut id) })?;
    Ok(id)
}

/// Adds to a counter.
pub fn increment(id: u32, amount: i64) -> Outcome<()> {
    // SAFETY: no pointers.
    done("increment_metric", unsafe { env::proxy_increment_metric(id, amount) })
}

/// Gives a histogram a value.
pub fn record(id: u32, value: u64) -> Outcome<()> {
    // SAFETY: no pointers.
    done("record_metric", unsafe { env::proxy_record_metric(id, value) })
}

/// Calls a foreign function of the host.
pub fn foreign(name: &str, argument: &[u8]) -> Outcome<Vec<u8>> {
    let (mut result, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: pointers and sizes belong together; the host writes one pointer and one size.
    let status = unsafe {
        env::proxy_call_foreign_function(
            name.as_ptr(),
            name.len(),
            argument.as_ptr(),
            argument.len(),
            &mut result,
            &mut size,
        )
    };
    received("call_foreign_function", status, result, size)
}
