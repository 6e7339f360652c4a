//! Runs a filter in Envoy: the proxy-wasm ABI 0.2.1, bound without panics, and the streams of one VM.
//!
//! This is the only crate that names proxy-wasm, and the only one with unsafe code. It decides nothing: each callback of
//! the proxy goes to the state machine of its stream ([`plugin::Stream`]), and what that asks for becomes a host call.
//!
//! The exports are our own instead of the SDK's. The SDK keeps a `RefCell` borrowed across each callback and panics when a
//! host call re-enters the module, and one host call does: a held body that grows past a buffer limit which the module
//! cannot read makes Envoy reply and end the stream inside `proxy_set_buffer_bytes`. Here a stream is taken out of its slot
//! while it works, so that a callback in between finds the slot empty instead of a borrow.

#![allow(unsafe_code)]

mod abi;
mod envoy;
mod exports;
mod ids;
mod metrics;
#[cfg(any(target_family = "wasm", test))]
mod pool;
mod root;
mod runtime;
mod signature;
mod slot;

pub use root::Root;
pub use runtime::register;

/// What the callbacks do that [`export!`] writes into a module.
#[doc(hidden)]
pub mod callbacks {
    pub use crate::exports::{grpc_answer, grpc_failure, http_answer, response_body, response_trailers};
    pub use crate::runtime::end;
}

/// Exports a [`plugin::Plugin`] as the filter of this module, with the callbacks that it needs beside those of heads and of the
/// request's body. The proxy does not enter a module for a callback that is not there.
///
/// - `response_bodies`: it has responses shown ([`plugin::Next::Chunks`], [`plugin::Next::Whole`]);
/// - `http`, `grpc`: it makes such calls;
/// - `end`: it has something to do when all is over ([`plugin::Exchange::on_end`]), or edits bodies that are held: the host may
///   end a stream inside such an edit, and says so here.
#[macro_export]
macro_rules! export {
    ($plugin:ty $(, $callback:ident)*) => {
        /// The entry point of the module.
        #[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        pub extern "C" fn _initialize() {
            $crate::register(|| Box::new($crate::Root::<$plugin>::default()));
        }
        $($crate::export!(@ $callback);)*
    };
    (@ response_bodies) => {
        /// A part of a response's body.
        #[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        pub extern "C" fn proxy_on_response_body(context: u32, size: usize, end: u32) -> u32 {
            $crate::callbacks::response_body(context, size, end != 0)
        }

        /// The trailers of a response.
        #[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        pub extern "C" fn proxy_on_response_trailers(context: u32, _count: u32) -> u32 {
            $crate::callbacks::response_trailers(context)
        }
    };
    (@ http) => {
        /// An HTTP call was answered, or came to nothing.
        #[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        pub extern "C" fn proxy_on_http_call_response(_context: u32, token: u32, headers: u32, size: usize, _trailers: u32) {
            $crate::callbacks::http_answer(token, headers, size);
        }
    };
    (@ grpc) => {
        /// A gRPC call was answered.
        #[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        pub extern "C" fn proxy_on_grpc_receive(_context: u32, token: u32, size: usize) {
            $crate::callbacks::grpc_answer(token, size);
        }

        /// A gRPC call came to nothing.
        #[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        pub extern "C" fn proxy_on_grpc_close(_context: u32, token: u32, status: u32) {
            $crate::callbacks::grpc_failure(token, status);
        }
    };
    (@ end) => {
        /// A stream is over.
        #[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        pub extern "C" fn proxy_on_log(context: u32) {
            $crate::callbacks::end(context);
        }
    };
}
