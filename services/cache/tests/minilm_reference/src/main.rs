//! Makes `vectors.json`: texts and the vectors that candle's BERT gives them. Run it when the model changes:
//! `cargo run --release -- MODEL_DIRECTORY > vectors.json`. Not part of the workspace: candle is minutes of build.

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};

const TEXTS: &[&str] = &[
    "How do I reset my password?",
    "What is 15 times 79?",
    "¿Dónde está la biblioteca? Ça va, naïve café",
    "東京の天気は",
    "x",
    "Write a Rust function that merges two dictionaries, keeps the order of keys, and returns an error for duplicates.",
];

fn main() -> anyhow::Result<()> {
    let directory = std::env::args().nth(1).ok_or_else(|| anyhow::anyhow!("usage: minilm_reference MODEL_DIRECTORY"))?;
    let device = Device::Cpu;
    let config: Config = serde_json::from_slice(&std::fs::read(format!("{directory}/config.json"))?)?;
    let weights = candle_core::safetensors::load(format!("{directory}/model.safetensors"), &device)?;
    let model = BertModel::load(VarBuilder::from_tensors(weights, DType::F32, &device), &config)?;
    let mut tokenizer = tokenizers::Tokenizer::from_file(format!("{directory}/tokenizer.json")).map_err(anyhow::Error::msg)?;
    tokenizer.with_padding(None);
    let cut = tokenizers::TruncationParams { max_length: 256, ..Default::default() };
    tokenizer.with_truncation(Some(cut)).map_err(anyhow::Error::msg)?;
    let long = "The quick brown fox jumps over the lazy dog near the river bank. ".repeat(40);
    let mut rows = Vec::new();
    for text in TEXTS.iter().copied().chain([long.as_str()]) {
        let encoding = tokenizer.encode(text, true).map_err(anyhow::Error::msg)?;
        let ids = Tensor::new(encoding.get_ids(), &device)?.unsqueeze(0)?;
        let hidden = model.forward(&ids, &ids.zeros_like()?, None)?;
        let mean: Vec<f32> = hidden.mean(1)?.squeeze(0)?.to_vec1()?;
        let length = mean.iter().map(|x| x * x).sum::<f32>().sqrt();
        let vector: Vec<f32> = mean.iter().map(|x| (x / length * 1e6).round() / 1e6).collect();
        rows.push(serde_json::json!({ "text": text, "vector": vector }));
    }
    println!("{}", serde_json::to_string(&rows)?);
    Ok(())
}
