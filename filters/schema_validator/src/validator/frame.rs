//! What MLflow's frames say and JSON Schema cannot: each of the `columns` has its values in the rows, and each row its place in
//! the `index`. Source: mlflow/mlflow, scoring server, `dataframe_from_parsed_json`, which hands all three to pandas.

use crate::fault::Fault;
use crate::json::{Document, Id, Kind};

/// Checks the split frame of a request whose form is right; adds what is wrong. Rows may be short, as pandas fills them up, but
/// one of them has all columns. Names of several levels (lists in `columns` or `index`) are left to the server.
pub fn check(document: &Document<'_>, faults: &mut Vec<Fault>) {
    let Some(frame) = document.member(Id::ROOT, "dataframe_split") else { return };
    let Some(data) = document.member(frame, "data") else { return };
    let names = |member: &str| {
        let list = document.member(frame, member).filter(|list| document.kind(*list) == Kind::Array)?;
        let is_flat = document.items(list).all(|name| document.kind(name) != Kind::Array);
        is_flat.then(|| document.items(list).count())
    };
    let widths = document.items(data).map(|row| document.items(row).count());
    let mut fault = |member: &str, keyword: &str, message: &str| {
        faults.push(Fault::new(format!("/dataframe_split/{member}"), keyword, message));
    };
    if let (Some(columns), Some(widest)) = (names("columns"), widths.max())
        && columns != widest
    {
        fault("data", "columns", "must have as many values in a row as there are `columns`");
    }
    if names("index").is_some_and(|index| index != document.items(data).count()) {
        fault("index", "index", "must have as many elements as there are rows in `data`");
    }
}
