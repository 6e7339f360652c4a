//! Reads usage from a response that flows by, in JSON, in server-sent events or in other messages of JSON, whatever its pieces.
//! Of a stream it takes out the event that was asked for by the gateway and not by the client.

use chat::{Answer, Api, Frame, Frames, Framing, Message, Usage, estimate_tokens};

/// The longest event that is held back until it is whole, in bytes.
const MAX_HELD_EVENT: usize = 1 << 20;

/// In so many bytes a body shows whether it is a stream.
const BEGIN: usize = 16;

/// The UTF-8 byte order mark, which some servers write before JSON.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes of an answer that cannot be understood are a token by so many.
const BYTES_PER_TOKEN: usize = 4;

/// What was seen of a response so far.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// What was reported.
    pub usage: Option<Usage>,
    /// Output tokens as they passed by, estimated: each event with a text is at least one.
    pub output: u64,
    /// Events (or texts of one body) that carried output.
    pub pieces: u64,
    /// So many of them had come when usage was last reported.
    told: u64,
    /// An event was too long to be read, and no usage came behind it.
    pub unread: bool,
    /// The upstream reported an error.
    pub failed: bool,
    /// The answer was told to be whole.
    pub ended: bool,
}

/// A response at work.
#[derive(Debug)]
pub(crate) struct Reader {
    api: Api,
    form: Form,
    pub progress: Progress,
    /// The answer is of an API that is none of ours. Without a usage or a text in it that we know it counts by its bytes.
    pub is_unknown: bool,
    bytes: usize,
    /// Of the events that go on in place of the last piece: where each ends, and the output and the pieces up to there.
    ends: Vec<(usize, u64, u64)>,
}

#[derive(Debug)]
enum Form {
    Frames {
        frames: Frames,
        whole: bool,
        strip: bool,
    },
    Json {
        held: Vec<u8>,
        most: usize,
    },
    /// Text that cannot be read: its bytes tell how much it is.
    Unreadable,
    /// Neither: nothing is read.
    Other,
}

impl Reader {
    /// A stream of events. `whole`: only whole events go on, so that it may end behind any of them. `strip`: the event that
    /// carries nothing but usage is taken out. An event of more than `most` bytes (or a mebibyte) is not
    /// read, and one that is held back must not be longer than that.
    pub fn events(api: Api, whole: bool, strip: bool, most: usize) -> Self {
        let whole = whole || strip;
        let most = if whole { MAX_HELD_EVENT } else { most.max(MAX_HELD_EVENT) };
        Self::new(api, Form::Frames { frames: Frames::new(Framing::Events, most), whole, strip })
    }

    /// One JSON body of at most so many bytes; what is longer is counted by its bytes. One that turns out to be a stream of events, or
    /// of an API that is none of ours an array, is read as such.
    pub fn json(api: Api, most: usize) -> Self {
        Self::new(api, Form::Json { held: Vec::new(), most })
    }

    /// Messages of JSON, of which one of more than a mebibyte is not read.
    pub fn messages(api: Api, framing: Framing) -> Self {
        Self::new(api, messages(framing, MAX_HELD_EVENT))
    }

    /// Something that says nothing of tokens.
    pub fn other(api: Api) -> Self {
        Self::new(api, Form::Other)
    }

    fn new(api: Api, form: Form) -> Self {
        Self { api, form, progress: Progress::default(), is_unknown: false, bytes: 0, ends: Vec::new() }
    }

    /// Reads a piece. What goes on in its place, where that is something else.
    pub fn push(&mut self, chunk: &[u8], last: bool) -> Option<Vec<u8>> {
        if !matches!(self.form, Form::Other) {
            self.bytes = self.bytes.saturating_add(chunk.len());
        }
        let Self { api, form, progress, .. } = self;
        match form {
            Form::Other => None,
            Form::Unreadable => {
                progress.see_bytes(*api, chunk);
                None
            }
            Form::Json { held, most } => {
                let is_long = held.len().saturating_add(chunk.len()) > *most;
                let is_begin = held.len() < BEGIN;
                held.extend_from_slice(chunk);
                if let Some(framing) = is_begin.then(|| framing_of(*api, held)).flatten() {
                    let held = std::mem::take(held);
                    self.form = messages(framing, *most);
                    return self.push(&held, last);
                }
                if last && !is_long && progress.read(*api, held) {
                    progress.ended = true;
                    self.form = Form::Other;
                } else if last || is_long {
                    self.abandon();
                }
                None
            }
            Form::Frames { frames, whole, strip } => {
                frames.push(chunk, last);
                let mut out = whole.then(Vec::new);
                self.ends.clear();
                while let Some(frame) = frames.next_frame() {
                    let taken = progress.see_frame(*api, &frame, *strip);
                    if let Some(out) = out.as_mut().filter(|_| !taken) {
                        out.extend_from_slice(frame.raw());
                        self.ends.push((out.len(), progress.output, progress.pieces));
                    }
                }
                out.filter(|out| out != chunk)
            }
        }
    }

    /// Of what goes on in place of the last piece, how much goes on up to the first event at which the output is too much.
    pub fn cut(&mut self, is_too_much: impl Fn(u64, u64) -> bool) -> Option<usize> {
        let (end, output, pieces) =
            self.ends.iter().copied().find(|(_, output, pieces)| is_too_much(*output, *pieces))?;
        (self.progress.output, self.progress.pieces) = (output, pieces);
        Some(end)
    }

    /// Whether it is a stream that may end behind any event.
    pub fn may_cut(&self) -> bool {
        matches!(self.form, Form::Frames { whole: true, .. })
    }

    /// Whether it comes message by message.
    pub fn is_stream(&self) -> bool {
        matches!(self.form, Form::Frames { .. })
    }

    /// No more will come, or it cannot be read: what is held is counted by its bytes.
    pub fn abandon(&mut self) {
        if let Form::Json { held, .. } = &self.form {
            self.progress.see_bytes(self.api, held);
            self.form = Form::Unreadable;
        }
    }

    /// The answer is over.
    pub fn finish(&mut self) {
        self.abandon();
        let progress = &mut self.progress;
        let is_silent = progress.usage.is_none() && progress.pieces == 0 && !progress.failed;
        if self.is_unknown && is_silent && self.bytes > 0 {
            (progress.pieces, progress.output) = (1, self.bytes.div_ceil(BYTES_PER_TOKEN) as u64);
        }
    }
}

/// JSON with a 0 for each `NaN` and `Infinity`, which Python writes where JSON has no number; `None` where there are none.
fn finite(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = body.to_vec();
    let (mut in_string, mut escaped, mut at, mut found) = (false, false, 0, false);
    while let Some(byte) = out.get(at).copied() {
        let word = match byte {
            b'"' if !escaped => {
                in_string = !in_string;
                None
            }
            b'N' if !in_string => out.get_mut(at..at + 3).filter(|word| *word == b"NaN"),
            b'I' if !in_string => out.get_mut(at..at + 8).filter(|word| *word == b"Infinity"),
            _ => None,
        };
        if let Some([first, rest @ ..]) = word {
            // A minus before it stays.
            *first = b'0';
            rest.fill(b' ');
            found = true;
        }
        escaped = byte == b'\\' && !escaped;
        at += 1;
    }
    found.then_some(out)
}

/// How a body is framed that begins so, whatever its head says: as events, or as Gemini's array.
fn framing_of(api: Api, begin: &[u8]) -> Option<Framing> {
    let begin = begin.strip_prefix(MARK).unwrap_or(begin).trim_ascii_start();
    if [&b"data:"[..], b"event:", b"id:", b":"].iter().any(|field| begin.starts_with(field)) {
        return Some(Framing::Events);
    }
    (api == Api::Other && begin.starts_with(b"[")).then_some(Framing::Array)
}

/// A stream of messages of at most so many bytes, of which nothing is taken out.
fn messages(framing: Framing, most: usize) -> Form {
    Form::Frames { frames: Frames::new(framing, most), whole: false, strip: false }
}

impl Progress {
    /// Whether output came behind the last report, which is less than it then.
    pub fn is_stale(&self) -> bool {
        self.unread || self.pieces > self.told
    }

    /// Reads one frame; whether it is to be taken out.
    fn see_frame(&mut self, api: Api, frame: &Frame<'_>, strip: bool) -> bool {
        let event = match frame {
            Frame::Event(event) => event,
            Frame::Message(message) => {
                self.see_message(api, message);
                return false;
            }
            Frame::Oversized(_) => {
                self.unread = true;
                return false;
            }
        };
        let Some(data) = event.data() else { return false };
        let Ok(answer) = Answer::parse(api, data.as_bytes()) else {
            let was_stale = self.is_stale();
            if !self.read(api, data.as_bytes()) {
                self.see_bytes(api, data.as_bytes());
                // A word of the server's own behind its report (`data: bye`) is no output.
                self.told = if was_stale { self.told } else { self.pieces };
            }
            return false;
        };
        self.see(&answer);
        strip && is_usage_alone(&answer)
    }

    /// Reads a message that is no server-sent event.
    fn see_message(&mut self, api: Api, message: &Message<'_>) {
        self.failed |= message.is_error();
        let event = message.enclosed();
        let data = event.as_deref().unwrap_or(message.data());
        if !data.is_empty() && !self.read(api, data) {
            self.see_bytes(api, data);
        }
    }

    /// Reads a body, or one event's data, if it is JSON, or would be but for Python's numbers that are none.
    fn read(&mut self, api: Api, body: &[u8]) -> bool {
        let body = body.strip_prefix(MARK).unwrap_or(body);
        let read = chat::each_answer(api, body, &mut |answer| self.see(answer));
        read || finite(body).is_some_and(|body| chat::each_answer(api, &body, &mut |answer| self.see(answer)))
    }

    /// Counts what cannot be read as what it would be at most: output.
    fn see_bytes(&mut self, api: Api, bytes: &[u8]) {
        if api.generates() && !bytes.is_empty() {
            self.pieces += 1;
            self.output = self.output.saturating_add(estimate_tokens(bytes));
        }
    }

    fn see(&mut self, answer: &Answer<'_>) {
        if let Some(usage) = &answer.usage {
            match &mut self.usage {
                Some(known) => known.update(usage),
                None => self.usage = Some(*usage),
            }
        }
        for output in answer.outputs.iter().filter(|output| !output.repeats) {
            self.pieces += 1;
            self.output = self.output.saturating_add(estimate_tokens(output.text.as_bytes()).max(1));
        }
        // An output of nothing, told beside a text, is not about it.
        if answer.usage.is_some_and(|usage| usage.output != Some(0) || self.pieces == 0) {
            (self.told, self.unread) = (self.pieces, false);
        }
        self.failed |= answer.error.is_some();
        self.ended |= answer.end;
    }
}

/// An event that OpenAI sends for `include_usage` alone: no choices, no text, no end.
fn is_usage_alone(answer: &Answer<'_>) -> bool {
    let bare = answer.outputs.is_empty() && answer.finishes.is_empty() && answer.error.is_none() && !answer.end;
    bare && answer.without_choices && answer.usage.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = concat!(
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"He\"}}],\"usage\":null}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"llo you\"},\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\n",
        "data: [DONE]\n\n"
    );

    fn run(strip: bool, pieces: &[&[u8]]) -> (Vec<u8>, Progress) {
        let mut reader = Reader::events(Api::ChatCompletions, false, strip, 1000);
        let mut out = Vec::new();
        for (at, piece) in pieces.iter().enumerate() {
            match reader.push(piece, at + 1 == pieces.len()) {
                Some(bytes) => out.extend(bytes),
                None => out.extend_from_slice(piece),
            }
        }
        (out, reader.progress)
    }

    #[test]
    fn the_extra_event_is_taken_out_at_every_split() {
        let lines: Vec<&str> = STREAM.split_inclusive("\n\n").collect();
        let wanted = [lines[0], lines[1], lines[3]].concat();
        for at in 0..STREAM.len() {
            let (before, after) = STREAM.as_bytes().split_at(at);
            let (out, progress) = run(true, &[before, after]);
            assert_eq!(String::from_utf8(out).unwrap(), wanted, "split at {at}");
            assert_eq!(progress.usage.and_then(|usage| usage.all()), Some(5));
            assert!(progress.ended && progress.pieces == 2);
            assert_eq!(progress.output, 3);
            assert_eq!(run(false, &[before, after]).0, STREAM.as_bytes());
        }
    }

    #[test]
    fn usage_beside_text_stays() {
        let event = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"usage\":{\"total_tokens\":5}}\n\n";
        assert_eq!(run(true, &[event.as_bytes()]).0, event.as_bytes());
    }

    #[test]
    fn usage_in_a_long_event_is_read_where_nothing_is_held() {
        let last = r#"{"type":"response.completed","response":{"output":[],"usage":{"output_tokens":3}}}"#;
        let event = format!(": {}\ndata: {last}\n\n", "x".repeat(MAX_HELD_EVENT));
        for (whole, most, read) in [(false, 2 << 20, true), (false, 1 << 20, false), (true, 2 << 20, false)] {
            let mut reader = Reader::events(Api::Responses, whole, false, most);
            reader.push(event.as_bytes(), true);
            let Progress { usage, unread, .. } = reader.progress;
            assert_eq!((usage.is_some(), unread), (read, !read), "{whole} {most}");
        }
    }

    #[test]
    fn what_cannot_be_read_counts_by_its_bytes() {
        let long = "x".repeat(400);
        for (api, most, pieces, tokens) in [
            (Api::ChatCompletions, 4, &["{\"usage\":{\"prompt_tokens\":3}}", &long][..], 108),
            (Api::ChatCompletions, 1000, &["{\"choices\":", &long], 103),
            (Api::ChatCompletions, 1000, &[&long, ""], 100),
            (Api::Embeddings, 4, &[&long, &long], 0),
        ] {
            let mut reader = Reader::json(api, most);
            for (at, piece) in pieces.iter().enumerate() {
                assert_eq!(reader.push(piece.as_bytes(), at + 1 == pieces.len()), None);
            }
            assert_eq!((reader.progress.usage, reader.progress.output), (None, tokens), "{pieces:?}");
        }
        let mut torn = Reader::json(Api::Messages, 1000);
        torn.push(long.as_bytes(), false);
        torn.abandon();
        assert_eq!(torn.progress.output, 100);
    }

    #[test]
    fn events_are_read_whatever_the_head_says() {
        for pieces in [&[STREAM.as_bytes()][..], &[b"\n", STREAM.as_bytes()], &[b": hello\n\n", STREAM.as_bytes()]] {
            let mut reader = Reader::json(Api::ChatCompletions, 1000);
            for (at, piece) in pieces.iter().enumerate() {
                assert_eq!(reader.push(piece, at + 1 == pieces.len()), None);
            }
            assert_eq!(reader.progress.usage.and_then(|usage| usage.all()), Some(5));
        }
    }
}
