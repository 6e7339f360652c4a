//! What is judged: the question, and the entries that lie near it.

/// The question at hand.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The last user text.
    pub text: &'a str,
    /// Its vector, of unit length.
    pub vector: &'a [f32],
}

/// An entry of the same partition that lies near the question.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The entry's name.
    pub entry: &'a str,
    /// The question that it answered.
    pub text: &'a str,
    /// Cosine of the two vectors, -1 to 1.
    pub similarity: f32,
    /// The vector of `text`, where the store gives it back; lets the decision see how crowded the place is.
    pub vector: Option<&'a [f32]>,
}
