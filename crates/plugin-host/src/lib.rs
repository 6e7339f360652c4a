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
mod root;
mod runtime;
mod signature;
mod slot;

pub use root::Root;
pub use runtime::register;

/// Exports a [`plugin::Plugin`] as the filter of this module.
#[macro_export]
macro_rules! export {
    ($plugin:ty) => {
        /// The entry point of the module.
        #[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        pub extern "C" fn _initialize() {
            $crate::register(|| Box::new($crate::Root::<$plugin>::default()));
        }
    };
}
