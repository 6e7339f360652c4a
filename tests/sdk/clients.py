"""What users' programs do: the real openai and anthropic clients through the gateway. Prints one JSON line per check."""

import json
import sys

import anthropic
import openai

address = sys.argv[1]
client = openai.OpenAI(base_url=f"http://{address}/v1", api_key="unused", max_retries=0)
claude = anthropic.Anthropic(base_url=f"http://{address}", api_key="unused", max_retries=0)
question = [{"role": "user", "content": "What is a gateway? ✓"}]


def say(check, **values):
    print(json.dumps({"check": check, **values}), flush=True)


raw = client.chat.completions.with_raw_response.create(model="demo-small", messages=question)
say("openai plain", text=raw.parse().choices[0].message.content, version=raw.headers.get("x-model-version"))

stream = client.chat.completions.create(model="demo-small", messages=question, stream=True, stream_options={"include_usage": True})
chunks = list(stream)
text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
say("openai stream", text=text, chunks=len(chunks), usage=chunks[-1].usage is not None)

for model, name in [("no-such-model", "openai unknown model"), ("", "openai empty model")]:
    try:
        client.chat.completions.create(model=model, messages=question)
        say(name, error=None)
    except openai.APIStatusError as error:
        say(name, error=type(error).__name__, status=error.status_code, code=error.code, message=error.message)

say("openai models", ids=sorted(model.id for model in client.models.list()))

message = claude.messages.create(model="demo-small", max_tokens=100, messages=question)
say("anthropic plain", text=message.content[0].text)

with claude.messages.stream(model="demo-small", max_tokens=100, messages=question) as stream:
    say("anthropic stream", text="".join(stream.text_stream))

try:
    claude.messages.create(model="no-such-model", max_tokens=100, messages=question)
    say("anthropic unknown model", error=None)
except anthropic.APIStatusError as error:
    say("anthropic unknown model", error=type(error).__name__, status=error.status_code, type=error.body["error"]["type"])
