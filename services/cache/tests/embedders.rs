//! The embedders against their references: MiniLM against candle's vectors, the table against MiniLM, the client against a
//! server of its own. The model is fetched once into `target/model`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::PathBuf,
    sync::OnceLock,
    time::{Duration, Instant},
};

use modelgate_cache::cache::{
    embed::{EmbedError, Embedder, MiniLm, Remote},
    fetch_model,
    http::Settings,
};

/// The model's directory: `$MODELGATE_MODEL`, or `target/model`, which is filled where it is empty.
fn model() -> &'static MiniLm {
    static MODEL: OnceLock<MiniLm> = OnceLock::new();
    MODEL.get_or_init(|| {
        let given = std::env::var_os("MODELGATE_MODEL").map(PathBuf::from);
        let directory = given.unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/model").into());
        fetch_model::fetch(&directory, None).unwrap();
        MiniLm::open(&directory).unwrap()
    })
}

#[derive(serde::Deserialize)]
struct Reference {
    text: String,
    vector: Vec<f32>,
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn minilm_is_candles_to_four_digits() {
    let rows: Vec<Reference> = serde_json::from_str(include_str!("minilm_reference/vectors.json")).unwrap();
    assert!(rows.len() >= 7);
    for row in rows {
        // The reference cuts at 256 tokens, the last of which closes the frame.
        let vector = model().vector(&row.text).unwrap_or_else(|_| {
            let repeated = "The quick brown fox jumps over the lazy dog near the river bank. ";
            let one = model().tokens().plain(repeated).unwrap();
            let frame = model().tokens().frame(0);
            let inner = one.iter().copied().cycle().take(254);
            let tokens: Vec<u32> = [frame[0]].into_iter().chain(inner).chain([frame[2]]).collect();
            model().vector_of(&tokens).unwrap()
        });
        assert_eq!(vector.len(), model().dims());
        assert!((cosine(&vector, &vector) - 1.0).abs() < 1e-5, "unit length");
        let cosine = cosine(&vector, &row.vector);
        assert!(cosine >= 0.9999, "{cosine} for {:.40}", row.text);
    }
}

#[test]
fn minilm_takes_any_text() {
    assert!(matches!(model().vector(""), Err(EmbedError::Empty)));
    assert!(matches!(model().vector(" \n\t "), Err(EmbedError::Empty)));
    for long in ["ß".repeat(100_000), "word ".repeat(300), "x y".repeat(20_000)] {
        assert!(matches!(model().vector(&long), Err(EmbedError::TooLong { max: 256 })));
    }
    for text in ["\u{0}", "🙂", "a\u{300}\u{301}", &"word ".repeat(254)] {
        match model().vector(text) {
            Ok(vector) => assert!(vector.iter().all(|value| value.is_finite())),
            Err(error) => assert!(matches!(error, EmbedError::Empty), "{error}"),
        }
    }
}

#[tokio::test]
async fn minilm_serves_many_at_once() {
    let tasks: Vec<_> =
        (0..8).map(|n| tokio::spawn(async move { model().embed(&format!("question {n}")).await })).collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().len(), model().dims());
    }
}

#[test]
fn a_directory_without_a_model_says_how_to_get_one() {
    let empty = tempfile::tempdir().unwrap();
    let error = MiniLm::open(empty.path()).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("config.json") && error.contains("fetch-model"), "{error}");
}

/// Answers every request with this body, after this long; gives its address.
fn server(body: &'static str, status: &'static str, after: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v1/embeddings", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            reader.read_exact(&mut vec![0; length]).unwrap();
            std::thread::sleep(after);
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    address
}

fn remote(url: String, dims: usize) -> Remote {
    Remote::new(Settings { url, model: "e5".into(), key: None, deadline_ms: 300 }, dims)
}

const OK: &str = r#"{"data": [{"embedding": [3.0, 4]}]}"#;

#[tokio::test]
async fn a_servers_vector_is_brought_to_unit_length() {
    let embedder = remote(server(OK, "200 OK", Duration::ZERO), 2);
    assert_eq!(embedder.embed("x").await.unwrap(), [0.6, 0.8]);
    assert_eq!(embedder.id(), "e5/2");
}

#[tokio::test]
async fn a_server_that_answers_wrongly_is_an_error() {
    for (body, status) in [
        (OK, "500 Internal Server Error"),
        ("{}", "200 OK"),
        ("no json", "200 OK"),
        (r#"{"data": [{"embedding": [0, 0, 0]}]}"#, "200 OK"),
        (r#"{"data": [{"embedding": [1, "a", 0]}]}"#, "200 OK"),
    ] {
        let error = remote(server(body, status, Duration::ZERO), 3).embed("x").await.unwrap_err();
        assert!(matches!(error, EmbedError::Server(_)), "{body}: {error}");
    }
    let error = remote(server(OK, "200 OK", Duration::ZERO), 3).embed("x").await.unwrap_err();
    assert!(matches!(error, EmbedError::Server(_)), "a vector of another length: {error}");
}

#[tokio::test]
async fn a_slow_server_is_given_up_and_then_left_alone() {
    let embedder = remote(server(OK, "200 OK", Duration::from_secs(5)), 2);
    for _ in 0..5 {
        let begun = Instant::now();
        assert!(matches!(embedder.embed("x").await, Err(EmbedError::Deadline { millis: 300 })));
        assert!(begun.elapsed() < Duration::from_secs(2));
    }
    assert!(matches!(embedder.embed("x").await, Err(EmbedError::Open { failures: 5 })));
}
