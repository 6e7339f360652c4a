//! Sends a reply the way a behaviour says: at once if it says nothing, else cut, compressed, split, paced, aborted.

use std::collections::VecDeque;
use std::num::NonZeroUsize;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version, header};

use crate::behaviour::{Abort, Behaviour, Cut};
use crate::body::{Aborted, DemoBody, End, Pace};
use crate::gzip;
use crate::received::Recording;
use crate::reply::{Payload, Reply};

/// The response, after the delay that the behaviour asks for.
pub(crate) async fn deliver(
    reply: Reply,
    behaviour: &Behaviour,
    version: Version,
    recording: Option<Recording>,
) -> Result<Response<DemoBody>, Aborted> {
    if !behaviour.delay.is_zero() {
        tokio::time::sleep(behaviour.delay).await;
    }
    if behaviour.abort == Some(Abort::BeforeHeaders) {
        return Err(abort(recording));
    }
    let Reply { status, mut headers, payload } = reply;
    replace(&mut headers, &behaviour.headers);
    let is_stream = matches!(payload, Payload::Events(_));
    let mut pieces = pieces(payload, behaviour.body.as_ref());
    if behaviour.gzip && status != StatusCode::NO_CONTENT {
        pieces = gzip::compress(&pieces).map_err(|_| Aborted)?;
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let pieces = cut(pieces, behaviour);
    let of_known_length = !is_stream && behaviour.is_plainly_sent() && !headers.contains_key(header::CONTENT_LENGTH);
    let body = match (of_known_length, <[Bytes; 1]>::try_from(pieces)) {
        (true, Ok([whole])) => DemoBody::whole(whole, recording),
        (_, pieces) => {
            let pieces = split(pieces.map_or_else(|many| many, Vec::from), behaviour);
            DemoBody::paced(pieces, pace(behaviour), end(behaviour, version, &mut headers), recording)
        }
    };
    Ok(response(status, headers, body))
}

/// Breaks an exchange off before its answer. That was us, so the recording must not say that the client left.
pub(crate) fn abort(recording: Option<Recording>) -> Aborted {
    if let Some(recording) = recording {
        recording.answered();
    }
    Aborted
}

/// A response with these headers.
pub(crate) fn response(status: StatusCode, headers: HeaderMap, body: DemoBody) -> Response<DemoBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Trailers as the end of a body. HTTP/1 sends only those that `trailer` announces (RFC 9110, section 6.6.2).
pub(crate) fn trailers_end(trailers: &[(HeaderName, HeaderValue)], version: Version, headers: &mut HeaderMap) -> End {
    if version <= Version::HTTP_11 {
        for (name, _) in trailers {
            headers.append(header::TRAILER, HeaderValue::from(name.clone()));
        }
    }
    let mut map = HeaderMap::new();
    trailers.iter().cloned().for_each(|(name, value)| {
        map.append(name, value);
    });
    End::Trailers(map)
}

impl Behaviour {
    /// Whether the body leaves in one piece.
    fn is_plainly_sent(&self) -> bool {
        self.trailers.is_empty()
            && self.abort.is_none()
            && self.chunk_bytes.is_none()
            && self.chunks_per_event.is_none()
    }
}

fn replace(headers: &mut HeaderMap, with: &[(HeaderName, HeaderValue)]) {
    for (name, _) in with {
        headers.remove(name);
    }
    for (name, value) in with {
        headers.append(name, value.clone());
    }
}

fn pieces(payload: Payload, instead: Option<&Bytes>) -> Vec<Bytes> {
    match (instead, payload) {
        (Some(body), _) => vec![body.clone()],
        (None, Payload::Whole(body)) => vec![body],
        (None, Payload::Events(events)) => events,
    }
}

/// The pieces up to where the body is cut or aborted.
fn cut(mut pieces: Vec<Bytes>, behaviour: &Behaviour) -> Vec<Bytes> {
    let length: usize = pieces.iter().map(Bytes::len).sum();
    let kept = match behaviour.cut {
        Some(Cut::Half) => length / 2,
        Some(Cut::At(at)) => at,
        None => length,
    };
    let kept = if let Some(Abort::AfterBytes(sent)) = behaviour.abort { kept.min(sent) } else { kept };
    let mut room = kept;
    for piece in &mut pieces {
        piece.truncate(room);
        room -= piece.len();
    }
    pieces
}

/// The writes: pieces of a fixed size, or so many per event, or the pieces as they are.
fn split(pieces: Vec<Bytes>, behaviour: &Behaviour) -> VecDeque<Bytes> {
    let pieces = pieces.into_iter().filter(|piece| !piece.is_empty());
    if let Some(size) = behaviour.chunk_bytes {
        return sized(pieces.collect::<Vec<_>>().concat().into(), size).collect();
    }
    match behaviour.chunks_per_event {
        Some(count) => pieces.flat_map(|piece| in_parts(piece, count)).collect(),
        None => pieces.collect(),
    }
}

fn in_parts(piece: Bytes, count: NonZeroUsize) -> impl Iterator<Item = Bytes> {
    let size = NonZeroUsize::new(piece.len().div_ceil(count.get())).unwrap_or(NonZeroUsize::MIN);
    sized(piece, size)
}

fn sized(mut rest: Bytes, size: NonZeroUsize) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || (!rest.is_empty()).then(|| rest.split_to(size.get().min(rest.len()))))
}

fn pace(behaviour: &Behaviour) -> Pace {
    if behaviour.chunk_delay.is_zero() && behaviour.chunk_bytes.is_none() && behaviour.chunks_per_event.is_none() {
        Pace::AtOnce
    } else {
        Pace::spaced(behaviour.chunk_delay)
    }
}

fn end(behaviour: &Behaviour, version: Version, headers: &mut HeaderMap) -> End {
    if behaviour.abort.is_some() {
        End::Abort
    } else if behaviour.trailers.is_empty() {
        End::Clean
    } else {
        trailers_end(&behaviour.trailers, version, headers)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn splitting_keeps_the_bytes(
            pieces: Vec<Vec<u8>>,
            size in proptest::option::of(1..9_usize),
            parts in proptest::option::of(1..9_usize),
        ) {
            let behaviour = Behaviour {
                chunk_bytes: size.and_then(NonZeroUsize::new),
                chunks_per_event: parts.and_then(NonZeroUsize::new),
                ..Behaviour::default()
            };
            let split = split(pieces.iter().cloned().map(Bytes::from).collect(), &behaviour);
            prop_assert!(split.iter().all(|chunk| size.is_none_or(|size| chunk.len() <= size)));
            prop_assert_eq!(Vec::from(split).concat(), pieces.concat());
        }

        #[test]
        fn a_cut_keeps_the_beginning(pieces: Vec<Vec<u8>>, at in 0..99_usize) {
            let behaviour = Behaviour { cut: Some(Cut::At(at)), ..Behaviour::default() };
            let kept = cut(pieces.iter().cloned().map(Bytes::from).collect(), &behaviour).concat();
            let all = pieces.concat();
            prop_assert_eq!(kept, all[..at.min(all.len())].to_vec());
        }
    }
}
