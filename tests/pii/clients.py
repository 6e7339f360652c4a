"""The real openai client through a gateway whose guard replaces on the way in and restores on the way out. The model echoes.
Prints one JSON line per check.

    python clients.py GUARDED_ADDRESS BARE_ADDRESS
"""

import json
import sys
import time

import openai

guarded, bare = sys.argv[1:]
client = openai.OpenAI(base_url=f"http://{guarded}/v1", api_key="unused", max_retries=0)
text = "Write to jane.doe@example.com, charge 4111 1111 1111 1111 and call +49 30 901820, please."
messages = [{"role": "user", "content": text}]
# Three characters a delta: each placeholder comes in pieces.
pieces = {"x-demo-delta-chars": "3"}
# The model writes what it saw: the placeholders.
call = {"x-demo-tool-call": 'send={"to":"<EMAIL_1>","why":"card <CREDIT_CARD_1>","tel":["<PHONE_1>"]}'}
tools = [{"type": "function", "function": {"name": "send", "parameters": {"type": "object"}}}]


def say(check, **values):
    print(json.dumps({"check": check, **values}), flush=True)


def chat(stream, **more):
    return client.chat.completions.create(model="demo-small", messages=messages, stream=stream, **more)


say("chat", text=chat(False).choices[0].message.content)
chunks = list(chat(True, extra_headers=pieces))
say("chat stream", text="".join(c.delta.content or "" for chunk in chunks for c in chunk.choices), chunks=len(chunks))

message = chat(False, tools=tools, extra_headers=call).choices[0].message
arguments = message.tool_calls[0].function.arguments
json.loads(arguments)
say("tool call", text=arguments)

arguments = ""
for chunk in chat(True, tools=tools, extra_headers={**call, **pieces}):
    for choice in chunk.choices:
        for part in choice.delta.tool_calls or []:
            arguments += part.function.arguments or ""
json.loads(arguments)
say("tool call stream", text=arguments)

say("responses", text=client.responses.create(model="demo-small", input=text).output_text)
with client.responses.stream(model="demo-small", input=text, extra_headers=pieces) as stream:
    parts = [event.delta for event in stream if event.type == "response.output_text.delta"]
    final = stream.get_final_response().output_text
say("responses stream", text="".join(parts), final=final)

# What arrived at the model is recorded under these names.
for name, more in [("chat", {}), ("tool-call", {"tools": tools})]:
    try:
        chat(False, extra_headers={"x-case": name}, **more)
    except (openai.APIError, ValueError, AttributeError):
        pass


def first_token(address):
    """Milliseconds to the first text of a stream whose words come 30 ms apart; the best of five."""
    direct = openai.OpenAI(base_url=f"http://{address}/v1", api_key="unused", max_retries=0)
    best = float("inf")
    for _ in range(5):
        start = time.monotonic()
        stream = direct.chat.completions.create(model="demo-small", messages=messages, stream=True, extra_headers={"x-demo-chunk-delay-ms": "30"})
        for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                best = min(best, (time.monotonic() - start) * 1000)
                break
        stream.close()
    return best


say("first token", guarded_ms=first_token(guarded), bare_ms=first_token(bare))
