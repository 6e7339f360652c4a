//! Reads a BERT encoder from a `model.safetensors` as sentence-transformers writes it.

use pulp::Arch;
use safetensors::{Dtype, SafeTensors};

use super::{
    Encoder,
    kernel::Linear,
    layer::{Layer, Norm},
};

/// What `config.json` of the model directory says.
#[derive(Debug, serde::Deserialize)]
pub struct Shape {
    pub hidden_size: usize,
    pub num_attention_heads: usize,
    pub num_hidden_layers: usize,
    pub max_position_embeddings: usize,
    pub layer_norm_eps: f32,
    pub hidden_act: String,
    pub position_embedding_type: Option<String>,
}

/// The encoder in a file's bytes. `Err` names the tensor that is wrong.
pub fn read(bytes: &[u8], shape: &Shape) -> Result<Encoder, String> {
    if shape.hidden_act != "gelu" || shape.position_embedding_type.as_deref().unwrap_or("absolute") != "absolute" {
        return Err("only encoders with gelu and absolute positions are supported".into());
    }
    let file = SafeTensors::deserialize(bytes).map_err(|error| format!("model.safetensors: {error}"))?;
    let reader = Reader { file: &file, arch: Arch::new(), shape };
    let width = shape.hidden_size;
    let kind: Vec<f32> = reader.tensor("embeddings.token_type_embeddings.weight", width)?;
    let mut positions =
        reader.tensor("embeddings.position_embeddings.weight", width * shape.max_position_embeddings)?;
    // Every token is of the first kind: added once and for all.
    for row in positions.chunks_exact_mut(width) {
        for (value, kind) in row.iter_mut().zip(&kind) {
            *value += kind;
        }
    }
    Ok(Encoder {
        arch: reader.arch,
        width,
        words: reader.tensor("embeddings.word_embeddings.weight", width)?,
        positions,
        norm: reader.norm("embeddings.LayerNorm")?,
        layers: (0..shape.num_hidden_layers).map(|index| reader.layer(index)).collect::<Result<_, _>>()?,
    })
}

struct Reader<'a> {
    file: &'a SafeTensors<'a>,
    arch: Arch,
    shape: &'a Shape,
}

impl Reader<'_> {
    /// The numbers of a tensor, at least `least` of them.
    fn tensor(&self, name: &str, least: usize) -> Result<Vec<f32>, String> {
        let tensor = self.file.tensor(name).map_err(|error| format!("tensor {name}: {error}"))?;
        if tensor.dtype() != Dtype::F32 {
            return Err(format!("tensor {name} is {:?}, not F32", tensor.dtype()));
        }
        let (numbers, _) = tensor.data().as_chunks::<4>();
        let numbers: Vec<f32> = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        if numbers.len() < least || numbers.iter().any(|number| !number.is_finite()) {
            return Err(format!(
                "tensor {name} has {} numbers, at least {least} finite ones are wanted",
                numbers.len()
            ));
        }
        Ok(numbers)
    }

    fn linear(&self, name: &str, inputs: usize) -> Result<Linear, String> {
        let weight = self.tensor(&format!("{name}.weight"), 1)?;
        let bias = self.tensor(&format!("{name}.bias"), 1)?;
        Linear::new(self.arch, &weight, &bias)
            .filter(|_| weight.len() == inputs * bias.len())
            .ok_or_else(|| format!("tensor {name}.weight has {} numbers for {} outputs", weight.len(), bias.len()))
    }

    fn norm(&self, name: &str) -> Result<Norm, String> {
        let width = self.shape.hidden_size;
        Ok(Norm {
            scale: self.tensor(&format!("{name}.weight"), width)?,
            shift: self.tensor(&format!("{name}.bias"), width)?,
            epsilon: self.shape.layer_norm_eps,
        })
    }

    fn layer(&self, index: usize) -> Result<Layer, String> {
        let width = self.shape.hidden_size;
        let name = |part: &str| format!("encoder.layer.{index}.{part}");
        let wide = self.linear(&name("intermediate.dense"), width)?;
        Ok(Layer {
            query: self.linear(&name("attention.self.query"), width)?,
            key: self.linear(&name("attention.self.key"), width)?,
            value: self.linear(&name("attention.self.value"), width)?,
            attended: self.linear(&name("attention.output.dense"), width)?,
            attended_norm: self.norm(&name("attention.output.LayerNorm"))?,
            narrow: self.linear(&name("output.dense"), wide.outputs())?,
            wide,
            norm: self.norm(&name("output.LayerNorm"))?,
            heads: self.shape.num_attention_heads,
        })
    }
}
