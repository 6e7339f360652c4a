//! A static table: one vector per token, their mean is the text's. Distilled from MiniLM after model2vec (van Dongen and
//! Tulkens 2024): each token alone goes through the model, principal components keep what tells tokens apart, and a token
//! counts the less the more frequent it is. No word knows its neighbours, so it tells less apart than MiniLM does, in a
//! thousandth of the time.

use std::{path::Path, sync::Arc};

use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use super::{
    EmbedError, Embedder, Embedding, MiniLm,
    tokens::{ModelError, Tokens, read},
};

/// The name that becomes part of the partition.
pub const ID: &str = "minilm-static-256";

/// The table's file in the model directory.
pub const FILE: &str = "static.safetensors";

/// Numbers per vector.
pub const DIMS: usize = 256;

/// The most tokens of a text. In a mean of more, a word that decides would not be seen.
const MAX_TOKENS: usize = 256;

/// How fast a token's weight falls with its frequency: `a / (a + p)`, smooth inverse frequency (Arora et al. 2017).
const SMOOTH: f64 = 1e-3;

/// The embedder. Cheap to clone; all clones share the table.
#[derive(Clone)]
pub struct StaticTable {
    inner: Arc<Inner>,
}

struct Inner {
    tokens: Tokens,
    rows: Vec<f32>,
}

impl StaticTable {
    /// Reads `tokenizer.json` and `static.safetensors` of a model directory.
    ///
    /// # Errors
    ///
    /// The file that is missing or not as it should be.
    pub fn open(directory: &Path) -> Result<Self, ModelError> {
        let wrong = |reason: String| ModelError::Wrong { path: directory.join(FILE), reason };
        let bytes = read(directory, FILE)?;
        let file = SafeTensors::deserialize(&bytes).map_err(|error| wrong(error.to_string()))?;
        let tensor = file.tensor("embeddings").map_err(|error| wrong(error.to_string()))?;
        let tokens = Tokens::open(directory, MAX_TOKENS)?;
        if tensor.dtype() != Dtype::F32 || tensor.shape() != [tokens.size(), DIMS] {
            return Err(wrong(format!(
                "{:?} {:?}, wanted are {} x {DIMS} F32",
                tensor.dtype(),
                tensor.shape(),
                tokens.size()
            )));
        }
        let (numbers, _) = tensor.data().as_chunks::<4>();
        let rows = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        Ok(Self { inner: Arc::new(Inner { tokens, rows }) })
    }

    /// The vector of a text.
    ///
    /// # Errors
    ///
    /// [`EmbedError::Empty`] or [`EmbedError::TooLong`].
    pub fn vector(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let mut sum = vec![0.0; DIMS];
        for token in self.inner.tokens.plain(text)? {
            let from = token as usize * DIMS;
            for (sum, value) in sum.iter_mut().zip(self.inner.rows.get(from..from + DIMS).unwrap_or_default()) {
                *sum += value;
            }
        }
        super::unit(sum).ok_or(EmbedError::Empty)
    }
}

impl Embedder for StaticTable {
    fn id(&self) -> &str {
        ID
    }

    fn dims(&self) -> usize {
        DIMS
    }

    fn embed<'a>(&'a self, text: &'a str) -> Embedding<'a> {
        Box::pin(async move { self.vector(text) })
    }
}

/// Makes the table from a model and writes it beside it. `each` is told of every token that is done.
///
/// # Errors
///
/// The file that cannot be written, or a token that the model does not have.
pub fn distil(model: &MiniLm, directory: &Path, each: impl Fn() + Sync) -> anyhow::Result<()> {
    let size = model.tokens().size();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let ids: Vec<u32> = (0..u32::try_from(size)?).collect();
    let part = ids.len().div_ceil(threads).max(1);
    let parts: Vec<Result<Vec<f32>, EmbedError>> = std::thread::scope(|scope| {
        let started: Vec<_> = ids.chunks(part).map(|ids| scope.spawn(|| embed_alone(model, ids, &each))).collect();
        let gone = |_| Err(EmbedError::Broken("a thread ended without a word".into()));
        started.into_iter().map(|thread| thread.join().unwrap_or_else(gone)).collect()
    });
    let mut rows = Vec::new();
    for part in parts {
        rows.extend(part?);
    }
    let mut rows = super::principal::project(&rows, model.dims(), DIMS);
    // The vocabulary is sorted by frequency, which by Zipf's law falls with the rank.
    let harmonic: f64 = (1..=size).map(|rank| 1.0 / rank as f64).sum();
    for (rank, row) in rows.chunks_exact_mut(DIMS).enumerate() {
        let share = 1.0 / ((rank + 1) as f64 * harmonic);
        let weight = (SMOOTH / (SMOOTH + share)) as f32;
        row.iter_mut().for_each(|value| *value *= weight);
    }
    write(&rows, directory)
}

/// Writes the table's rows, beside its place first: whoever reads it meanwhile sees the old one or the new one.
fn write(rows: &[f32], directory: &Path) -> anyhow::Result<()> {
    let bytes: Vec<u8> = rows.iter().flat_map(|value| value.to_le_bytes()).collect();
    let view = TensorView::new(Dtype::F32, vec![rows.len() / DIMS, DIMS], &bytes)?;
    let whole = directory.join(format!("{FILE}.new"));
    // Not by its own function, which makes a file for this user alone: the service may run as another.
    std::fs::write(&whole, safetensors::serialize([("embeddings", view)], None)?)?;
    std::fs::rename(&whole, directory.join(FILE))?;
    Ok(())
}

fn embed_alone(model: &MiniLm, ids: &[u32], each: &impl Fn()) -> Result<Vec<f32>, EmbedError> {
    let mut rows = Vec::with_capacity(ids.len() * model.dims());
    for id in ids {
        rows.extend(model.vector_of(&model.tokens().frame(*id))?);
        each();
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::{DIMS, FILE, write};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_table_is_readable_for_whoever_runs_the_service() {
        let folder = tempfile::tempdir().unwrap();
        write(&vec![0.5; 2 * DIMS], folder.path()).unwrap();
        // As any file that this user makes here.
        std::fs::write(folder.path().join("plain"), "").unwrap();
        let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode(FILE), mode("plain"));
        let kept = std::fs::read(folder.path().join(FILE)).unwrap();
        let table = safetensors::SafeTensors::deserialize(&kept).unwrap();
        assert_eq!(table.tensor("embeddings").unwrap().shape(), [2, DIMS]);
    }
}
