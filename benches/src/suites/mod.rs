//! The suites. A new one is a file here and a line in [`all`].

mod auth;
mod load;
mod model_router;
pub mod policy;
mod seam;

use crate::suite::Suite;

/// All suites.
pub fn all() -> Vec<Suite> {
    vec![seam::suite(), auth::suite(), model_router::suite(), load::suite(), policy::suite()]
}
