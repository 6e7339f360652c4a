"""Presidio beside `pii_guard`, on the same texts in the same run: speed, values found, and nobody's numbers flagged.

    python3 benches/presidio.py TEXT… [--benign FILE]

Presidio runs all its pattern recognizers on a blank English pipeline without a model: what it finds by a language model is not
compared. Values are those of tests/pii/values.jsonl that have a checksum or tell themselves, each in sentences that say nothing
about it; found is what covers the value. `--benign` names JSON lines `{"text", "value"}` in which nothing is anybody's. Needs
the command and the example built: `cargo build -p modelgate`, `cargo build --release -p modelgate-pii-guard --example measure`.
"""

import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / "target/presidio-venv"
PINNED = ["presidio-analyzer==2.2.366", "spacy==3.8.18"]
THRESHOLD = 0.4
SENTENCES = [
    "Please update {} in the record.",
    "The customer wrote that {} is theirs.",
    "We talked about \"{}\" with them last week.",
]


def install():
    """The interpreter that has Presidio; leaves with a line where it cannot be had."""
    python = VENV / "bin/python"
    stamp = VENV / "installed.txt"
    if stamp.exists() and stamp.read_text() == "\n".join(PINNED):
        return python
    steps = [
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PINNED],
    ]
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"skipped: presidio-analyzer cannot be installed here: {last}")
            sys.exit(0)
    stamp.write_text("\n".join(PINNED))
    return python


def analyzer():
    """Presidio with every pattern recognizer that can be made without arguments, for English text."""
    import inspect
    import logging

    import spacy
    from presidio_analyzer import AnalyzerEngine, PatternRecognizer, RecognizerRegistry, predefined_recognizers
    from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

    logging.disable(logging.CRITICAL)
    pipeline = spacy.blank("en")

    class Blank(NlpEngine):
        """Words alone; their small letters are their lemmas, so that context words count."""

        def load(self):
            pass

        def is_loaded(self):
            return True

        def process_text(self, text, language):
            words = pipeline(text)
            for word in words:
                word.lemma_ = word.text.lower()
            return NlpArtifacts([], words, [w.idx for w in words], [w.text.lower() for w in words], self, language)

        def process_batch(self, texts, language, **_):
            return ((text, self.process_text(text, language)) for text in texts)

        def is_stopword(self, word, language):
            return False

        def is_punct(self, word, language):
            return not word.isalnum()

        def get_supported_entities(self):
            return []

        def get_supported_languages(self):
            return ["en"]

    registry = RecognizerRegistry(recognizers=[], supported_languages=["en"])
    others = {"PhoneRecognizer", "IbanRecognizer"}
    for name, kind in inspect.getmembers(predefined_recognizers, inspect.isclass):
        if not (issubclass(kind, PatternRecognizer) or name in others):
            continue
        try:
            recognizer = kind(supported_language="en")
        except (TypeError, ValueError):
            continue
        registry.add_recognizer(recognizer)
    engine = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["en"])
    return engine, len(registry.recognizers)


def values():
    """Sentences with a value, its first character and the one behind its last."""
    for line in (ROOT / "tests/pii/values.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["class"] == "W":
            continue
        value = "".join(row["value"]) if isinstance(row["value"], list) else row["value"]
        for sentence in SENTENCES:
            yield sentence.replace("{}", value), sentence.index("{}"), len(value)


def benign(path):
    """Texts of a file, each with the place of what could be taken for a value."""
    for line in pathlib.Path(path).read_text().splitlines():
        row = json.loads(line)
        yield row["text"], row["text"].index(row["value"]), len(row["value"])


def ours(texts):
    """What the command finds in texts: places by character."""
    lines = "\n".join(json.dumps({"id": at, "text": text}) for at, text in enumerate(texts))
    built = [ROOT / f"target/{profile}/modelgate" for profile in ("release", "debug")]
    command = [next(path for path in built if path.exists()), "scan", "--all", "--min-score", str(THRESHOLD)]
    said = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout
    for text, line in zip(texts, said.splitlines()):
        place = lambda byte: len(text.encode()[:byte].decode(errors="ignore"))
        yield [(place(f["start"]), place(f["end"])) for f in json.loads(line)["findings"]]


def theirs(engine, texts):
    """What Presidio finds in texts."""
    for text in texts:
        yield [(r.start, r.end) for r in engine.analyze(text, "en", score_threshold=THRESHOLD)]


def shares(engine, rows, hits):
    """The share of rows of which `hits` holds, of both."""
    rows = list(rows)
    texts = [text for text, _, _ in rows]
    for found in (ours(texts), theirs(engine, texts)):
        count = sum(any(hits(s, e, at, at + size) for s, e in spans) for spans, (_, at, size) in zip(found, rows))
        yield f"{count * 100 / len(rows):.2f} %"


def compare(arguments):
    """Prints both, line by line."""
    engine, count = analyzer()
    print(f"Presidio 2.2.366 with {count} recognizers, Python {sys.version.split()[0]}; one thread, threshold {THRESHOLD}")
    print(f"{'':<46}{'pii_guard':>14}{'Presidio':>14}")
    files = [a for a in arguments if not a.startswith("--")]
    nobodys = arguments[arguments.index("--benign") + 1] if "--benign" in arguments else None
    for path in (path for path in files if path != nobodys):
        text = pathlib.Path(path).read_text()
        said = subprocess.run(
            [ROOT / "target/release/examples/measure", "speed", path], capture_output=True, text=True, check=True
        ).stdout
        best = float("inf")
        for _ in range(4):
            start = time.process_time()
            engine.analyze(text, "en", score_threshold=THRESHOLD)
            best = min(best, time.process_time() - start)
        native = said.rsplit(": ", 1)[1].split(",")[0]
        print(f"{pathlib.Path(path).name + ', native':<46}{native:>14}{len(text.encode()) / best / 1e6:>9.3f} MB/s")
    found = shares(engine, values(), lambda start, end, at, to: start <= at + 1 and end >= to - 1)
    print(f"{'values in neutral sentences, found':<46}" + "".join(f"{share:>14}" for share in found))
    if nobodys:
        flagged = shares(engine, benign(nobodys), lambda start, end, at, to: start < to and end > at)
        print(f"{'nobody’s values, flagged':<46}" + "".join(f"{share:>14}" for share in flagged))


if __name__ == "__main__":
    try:
        import presidio_analyzer  # noqa: F401
    except ImportError:
        python = install()
        sys.exit(subprocess.run([python, *sys.argv]).returncode)
    compare(sys.argv[1:])
