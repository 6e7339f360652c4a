//! The suites. A new one is a file here and a line in [`all`].

mod auth;
mod load;
mod model_router;
mod pii_guard;
pub mod policy;
mod schema_validator;
mod seam;
mod semantic_cache;
mod token_budget;

use crate::suite::Suite;

/// All suites.
pub fn all() -> Vec<Suite> {
    vec![
        seam::suite(),
        auth::suite(),
        schema_validator::suite(),
        pii_guard::suite(),
        token_budget::suite(),
        model_router::suite(),
        semantic_cache::suite(),
        load::suite(),
        policy::suite(),
    ]
}
