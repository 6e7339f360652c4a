//! Any stream of any framing, cut anywhere: the frames are the same, and their raw bytes are the stream.
#![no_main]

use chat::{Frame, Frames, Framing};
use libfuzzer_sys::fuzz_target;

const FRAMINGS: [Framing; 5] =
    [Framing::Events, Framing::Lines, Framing::Sequence, Framing::Array, Framing::Lengths];

fn frames<'a>(framing: Framing, chunks: impl Iterator<Item = &'a [u8]>) -> Vec<(Vec<u8>, Option<String>, bool)> {
    let mut frames = Frames::new(framing, usize::MAX);
    let mut all = Vec::new();
    for (chunk, last) in chunks.map(|chunk| (chunk, false)).chain([(&[][..], true)]) {
        frames.push(chunk, last);
        while let Some(frame) = frames.next_frame() {
            if let Frame::Message(message) = frame {
                let _ = (message.enclosed(), message.is_error(), frame.with_data("x"));
            }
            all.push((frame.raw().to_vec(), frame.data().map(|data| data.into_owned()), frame.is_cut()));
        }
    }
    all
}

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (framing, cut, stream) = input;
    let framing = FRAMINGS[usize::from(framing) % FRAMINGS.len()];
    let whole = frames(framing, std::iter::once(stream));
    assert_eq!(whole, frames(framing, stream.chunks(usize::from(cut % 16) + 1)));
    assert_eq!(whole.into_iter().flat_map(|(raw, ..)| raw).collect::<Vec<u8>>(), stream);
});
