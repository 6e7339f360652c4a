"""A spent budget as users' programs see it: the real openai and anthropic clients. Prints one JSON line per check."""

import json
import sys
import time

import anthropic
import openai

address = sys.argv[1]
question = [{"role": "user", "content": "Hello"}]


def client(consumer, retries):
    return openai.OpenAI(base_url=f"http://{address}/v1", api_key="unused", max_retries=retries, default_headers={"x-consumer": consumer})


def say(check, **values):
    print(json.dumps({"check": check, **values}), flush=True)


def ask(check, asked, **more):
    begun = time.monotonic()
    try:
        asked.chat.completions.create(model="demo-small", messages=question, **more)
        say(check, error=None, seconds=time.monotonic() - begun)
    except openai.APIStatusError as error:
        after = error.response.headers.get("retry-after")
        say(check, error=type(error).__name__, code=error.code, after=after, seconds=time.monotonic() - begun)


ask("first", client("a", 0))
ask("refused", client("a", 0))
ask("patient", client("a", 3))
ask("too large", client("a", 5), max_tokens=1_000_000)

claude = anthropic.Anthropic(base_url=f"http://{address}", api_key="unused", max_retries=0, default_headers={"x-consumer": "c"})
claude.messages.create(model="demo-small", max_tokens=10, messages=question)
try:
    claude.messages.create(model="demo-small", max_tokens=10, messages=question)
    say("anthropic", error=None)
except anthropic.APIStatusError as error:
    say("anthropic", error=type(error).__name__, type=error.body["error"]["type"])
