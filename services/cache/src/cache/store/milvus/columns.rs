//! Rows to columns and back: Milvus takes and gives a list of values per field.

use super::client::generated::field_data::Field;
use super::client::generated::scalar_field::Data as Scalar;
use super::client::generated::vector_field::Data as Vectors;
use super::client::generated::{DataType, FieldData, FloatArray, LongArray, ScalarField, StringArray, VectorField};
use super::row::Row;

/// A value of a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    Vector(Vec<f32>),
}

/// One row as columns. A vector that is missing points along the first axis: there must be one.
pub(super) fn of(row: &Row, dims: usize) -> Vec<FieldData> {
    let column = |(name, value): (&String, &Value)| {
        let scalars = |data: Scalar| Field::Scalars(ScalarField { data: Some(data) });
        let (kind, field) = match value {
            Value::Text(text) => {
                (DataType::VarChar, scalars(Scalar::StringData(StringArray { data: vec![text.clone()] })))
            }
            Value::Number(number) => (DataType::Int64, scalars(Scalar::LongData(LongArray { data: vec![*number] }))),
            Value::Vector(vector) => {
                let mut data = vector.clone();
                if data.is_empty() {
                    data.push(1.0);
                }
                data.resize(dims, 0.0);
                let dim = i64::try_from(dims).unwrap_or(i64::MAX);
                let data = Some(Vectors::FloatVector(FloatArray { data }));
                (DataType::FloatVector, Field::Vectors(VectorField { dim, data }))
            }
        };
        FieldData { r#type: kind.into(), field_name: name.clone(), field: Some(field) }
    };
    row.0.iter().map(column).collect()
}

/// Columns as rows; vectors are not asked for.
pub(super) fn rows(columns: Vec<FieldData>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for column in columns {
        let Some(Field::Scalars(ScalarField { data: Some(data) })) = column.field else { continue };
        let values: Vec<Value> = match data {
            Scalar::StringData(texts) => texts.data.into_iter().map(Value::Text).collect(),
            Scalar::LongData(numbers) => numbers.data.into_iter().map(Value::Number).collect(),
        };
        rows.resize_with(rows.len().max(values.len()), Row::default);
        for (row, value) in rows.iter_mut().zip(values) {
            row.0.insert(column.field_name.clone(), value);
        }
    }
    rows
}
