//! What must happen together in Redis. Those that remove begin with `forget.lua`.

use redis::Script;

macro_rules! forgetting {
    ($file:literal) => {
        Script::new(concat!(include_str!("forget.lua"), "\n", include_str!($file)))
    };
}

/// The scripts; Redis is given each once and knows it by its digest from then on.
pub(super) struct Scripts {
    pub(super) put: Script,
    pub(super) get: Script,
    pub(super) remove: Script,
    pub(super) sweep: Script,
    pub(super) free: Script,
    pub(super) note: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            put: forgetting!("put.lua"),
            get: Script::new(include_str!("get.lua")),
            remove: forgetting!("remove.lua"),
            sweep: forgetting!("sweep.lua"),
            free: Script::new(include_str!("free.lua")),
            note: Script::new(include_str!("note.lua")),
        }
    }
}
