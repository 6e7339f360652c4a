//! What stands around the model in a path, so that another name can be put in its place.

use crate::{endpoint, path};

/// A path that names a model, without the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathModel<'a> {
    /// The path up to the name, as it was sent.
    pub before: &'a str,
    /// The name stands in several segments (`org/name`); in one, its slashes are encoded.
    pub is_spread: bool,
    /// What the name's last segment holds behind it, decoded: what is asked of it (`:predict`).
    pub rest: String,
    /// What comes behind that segment, the query included, as it was sent.
    pub after: &'a str,
}

/// What stands around the model that the path of `method path` names, as [`endpoint`] reads it. `None` where it names none.
pub fn path_model<'a>(method: &str, path: &'a str) -> Option<PathModel<'a>> {
    let endpoint = endpoint(method, path);
    let model = endpoint.model?;
    let (mut segments, mut places) = (path::segments(path), path::places(path));
    if endpoint.is_resplit {
        (segments, places) = (path::resplit(&segments), path::resplit_places(path, &places));
    }
    let first = places.get(endpoint.model_at.start)?.start;
    let mut left = model.len();
    for (segment, place) in segments.iter().zip(&places).skip(endpoint.model_at.start) {
        if let Some(rest) = segment.get(left..) {
            let is_spread = left < model.len();
            return Some(PathModel {
                before: path.get(..first)?,
                is_spread,
                rest: rest.to_owned(),
                after: path.get(place.end..)?,
            });
        }
        left = left.checked_sub(segment.len() + 1)?;
    }
    None
}
