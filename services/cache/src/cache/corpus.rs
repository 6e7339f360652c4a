//! Questions from a file with their vectors, and who lies near whom. What [`replay`](super::replay) decides on and what the
//! verifier is trained on; the service itself keeps its entries in a store.

use std::fs::File;
use std::io::{BufRead as _, BufReader, IsTerminal};
use std::path::Path;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};

use serde::de::DeserializeOwned;

use super::{
    decide::{Asked, Candidate, Decision},
    embed::{EmbedError, Local},
};

/// A row of a file: `text,category`. Other columns are left alone.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Row {
    /// A question.
    pub text: String,
    /// What it wants: two questions of one category have one answer. No decision sees it.
    pub category: String,
}

/// Reads a CSV file with the head `text,category`.
///
/// # Errors
///
/// What is wrong, with the file and line.
pub fn rows(path: &Path) -> anyhow::Result<Vec<Row>> {
    let place = || format!("{}: want CSV in UTF-8 with the head `text,category`", path.display());
    let file = without_mark(path).with_context(|| path.display().to_string())?;
    let rows: Vec<Row> = csv::Reader::from_reader(file).deserialize().collect::<Result<_, _>>().with_context(place)?;
    anyhow::ensure!(!rows.is_empty(), "{}: no rows below the head `text,category`", path.display());
    Ok(rows)
}

/// Reads a file of lines of JSON, such as `want` says.
///
/// # Errors
///
/// What is wrong, with the file and line.
pub(super) fn lines<T: DeserializeOwned>(path: &Path, want: &str) -> anyhow::Result<Vec<T>> {
    let file = without_mark(path).with_context(|| path.display().to_string())?;
    let mut all = Vec::new();
    for (at, line) in file.lines().enumerate() {
        let place = || format!("{}, line {}: want {want}", path.display(), at + 1);
        let line = line.with_context(place)?;
        if !line.trim().is_empty() {
            all.push(serde_json::from_str(&line).with_context(place)?);
        }
    }
    anyhow::ensure!(!all.is_empty(), "{}: holds no line; want {want}", path.display());
    Ok(all)
}

/// A file without the mark that some programs write in front of UTF-8.
fn without_mark(path: &Path) -> std::io::Result<BufReader<File>> {
    const MARK: &[u8] = b"\xEF\xBB\xBF";
    let mut file = BufReader::new(File::open(path)?);
    if file.fill_buf()?.starts_with(MARK) {
        file.consume(MARK.len());
    }
    Ok(file)
}

/// Whether one answer serves both: 1 or `true`, 0 or `false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label(pub(super) bool);

impl<'de> serde::Deserialize<'de> for Label {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        match (value.as_bool(), value.as_u64()) {
            (Some(same), _) => Ok(Self(same)),
            (_, Some(label @ 0..=1)) => Ok(Self(label == 1)),
            _ => Err(serde::de::Error::custom("label: must be 0 or 1")),
        }
    }
}

/// What one thread made: vectors, or the place of the text that it stopped at.
type Part = Result<Vec<Vec<f32>>, (usize, EmbedError)>;

/// The vectors of many texts, made on all cores, with a bar where somebody watches. One that holds nothing to embed, or more than
/// the embedder sees, has none: it is left empty, and such a question is never near another, as in the service.
///
/// # Errors
///
/// The first text that the embedder breaks on, by its number from 1.
pub fn vectors(embedder: &Local, texts: &[&str], what: &str) -> anyhow::Result<Vec<Vec<f32>>> {
    let bar = bar(texts.len() as u64, what);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let part = texts.len().div_ceil(threads).max(1);
    let parts: Vec<Part> = std::thread::scope(|scope| {
        let work = |(chunk, texts): (usize, &[&str])| {
            let one = |(at, text): (usize, &&str)| {
                bar.inc(1);
                match embedder.vector(text) {
                    Err(EmbedError::Empty | EmbedError::TooLong { .. }) => Ok(Vec::new()),
                    made => made.map_err(|error| (chunk * part + at, error)),
                }
            };
            texts.iter().enumerate().map(one).collect()
        };
        let started: Vec<_> = texts.chunks(part).enumerate().map(|chunk| scope.spawn(move || work(chunk))).collect();
        let gone = |_| Err((0, EmbedError::Broken("a thread ended without a word".into())));
        started.into_iter().map(|thread| thread.join().unwrap_or_else(gone)).collect()
    });
    bar.finish_and_clear();
    let mut all = Vec::with_capacity(texts.len());
    for part in parts {
        all.extend(part.map_err(|(at, error)| anyhow::anyhow!("text {}: {error}", at + 1))?);
    }
    Ok(all)
}

/// A bar on standard error; a line where nobody watches.
pub(super) fn bar(length: u64, what: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        eprintln!("{what}: {length} ...");
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length).with_message(what.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar
}

/// Questions with their vectors.
pub struct Corpus {
    /// The questions.
    pub rows: Vec<Row>,
    /// Their vectors, in the same order.
    pub vectors: Vec<Vec<f32>>,
}

/// A neighbour: its place in the corpus and its cosine.
pub type Near = (usize, f32);

impl Corpus {
    /// Reads and embeds a file.
    ///
    /// # Errors
    ///
    /// As [`rows`] and [`vectors`].
    pub fn open(path: &Path, embedder: &Local) -> anyhow::Result<Self> {
        let rows = rows(path)?;
        let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
        let vectors = vectors(embedder, &texts, &format!("embedding {}", path.display()))?;
        Ok(Self { rows, vectors })
    }

    /// The nearest rows to a vector, best first, as many as a decision wants. `admits` says which rows count.
    #[must_use]
    pub fn near(&self, vector: &[f32], admits: impl Fn(usize) -> bool) -> Vec<Near> {
        let mut best: Vec<Near> = Vec::with_capacity(Decision::CANDIDATES + 1);
        let comparable = |kept: &[f32]| !kept.is_empty() && kept.len() == vector.len();
        for (at, kept) in self.vectors.iter().enumerate().filter(|(at, kept)| comparable(kept) && admits(*at)) {
            let cosine: f32 = dot(kept, vector);
            if best.len() < Decision::CANDIDATES || best.last().is_some_and(|last| cosine > last.1) {
                let place = best.partition_point(|other| other.1 >= cosine);
                best.insert(place, (at, cosine));
                best.truncate(Decision::CANDIDATES);
            }
        }
        best
    }

    /// The candidates for neighbours.
    #[must_use]
    pub fn candidates(&self, near: &[Near]) -> Vec<Candidate<'_>> {
        let candidate = |(at, similarity): &Near| {
            let (row, vector) = (self.rows.get(*at)?, self.vectors.get(*at)?);
            Some(Candidate { entry: "", text: &row.text, similarity: *similarity, vector: Some(vector) })
        };
        near.iter().filter_map(candidate).collect()
    }

    /// How many rows have no vector, because they are empty or longer than the embedder sees.
    #[must_use]
    pub fn unseen(&self) -> usize {
        self.vectors.iter().filter(|vector| vector.is_empty()).count()
    }

    /// Row `at` as a question.
    #[must_use]
    pub fn asked(&self, at: usize) -> Option<Asked<'_>> {
        Some(Asked { text: &self.rows.get(at)?.text, vector: self.vectors.get(at)? })
    }
}

/// Sixteen sums at once, which the compiler turns into vector code.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, _) = a.as_chunks::<16>();
    let (b, _) = b.as_chunks::<16>();
    let mut sums = [0.0; 16];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    fn wrong_rows(bytes: &[u8]) -> String {
        format!("{:#}", rows(file(bytes).path()).unwrap_err())
    }

    #[test]
    fn csv_as_programs_write_it_is_read() {
        let text = b"\xEF\xBB\xBFid,category,text\r\n1,greeting,\"Hello, \"\"you\"\"\nthere\"\r\n1,greeting,Hi\r\n";
        let rows = rows(file(text).path()).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].text.as_str(), rows[0].category.as_str()), ("Hello, \"you\"\nthere", "greeting"));
    }

    #[test]
    fn what_is_no_such_csv_is_told() {
        for (bytes, word) in [
            (&b""[..], "no rows below the head"),
            (b"text,category\n", "no rows below the head"),
            (b"question,intent\na,b\n", "missing field `text`"),
            (b"text;category\na;b\n", "missing field `text`"),
            (b"text,category\na\n", "line: 2"),
            (b"text,category\n\xff\xfe,b\n", "UTF-8"),
        ] {
            let said = wrong_rows(bytes);
            assert!(said.contains(word) && said.contains("`text,category`"), "{said}");
        }
        assert!(format!("{:#}", rows(Path::new("nowhere.csv")).unwrap_err()).starts_with("nowhere.csv: "));
    }

    #[test]
    fn lines_of_json_are_read_and_what_is_wrong_is_told() {
        #[derive(serde::Deserialize)]
        struct Pair {
            label: Label,
        }
        let read = |bytes: &[u8]| {
            let all = lines::<Pair>(file(bytes).path(), "{\"label\"}");
            all.map(|all| all.iter().map(|pair| pair.label.0).collect::<Vec<_>>()).map_err(|error| format!("{error:#}"))
        };
        let marked = b"\xEF\xBB\xBF{\"label\": 1, \"id\": 7}\r\n\r\n{\"label\": false}";
        assert_eq!(read(marked), Ok(vec![true, false]));
        for (bytes, word) in [
            (&b""[..], "holds no line"),
            (b"\n{\"label\": 2}\n", "line 2: want {\"label\"}: label: must be 0 or 1"),
            (b"{\"label\": \"yes\"}", "label: must be 0 or 1"),
            (b"{}", "missing field `label`"),
            (b"{\"label\": 1", "line 1"),
            (b"\xff", "UTF-8"),
        ] {
            let said = read(bytes).unwrap_err();
            assert!(said.contains(word), "{said}");
        }
    }
}
