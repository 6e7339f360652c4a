"""The cache as users' programs see it: the real openai client. Prints one JSON line per question.

Arguments: the address of each listener as name=host:port, and the plan: a JSON list of {case, listener, text, stream, system}.
"""

import json
import sys

import openai

*listeners, plan = sys.argv[1:]
clients = {
    name: openai.OpenAI(base_url=f"http://{address}/v1", api_key="unused", max_retries=0)
    for name, address in (listener.split("=", 1) for listener in listeners)
}

for step in json.loads(plan):
    # A stream that told no usage cannot be replayed as a whole answer, which always does.
    usage = {"stream_options": {"include_usage": True}} if step.get("stream") else {}
    system = [{"role": "system", "content": step["system"]}] if step.get("system") else []
    raw = clients[step.get("listener", "acme")].chat.completions.with_raw_response.create(
        model="demo-small",
        messages=[*system, {"role": "user", "content": step["text"]}],
        stream=step.get("stream", False),
        extra_headers={"x-case": step["case"]},
        **usage,
    )
    answer = raw.parse()
    if step.get("stream"):
        chunks = list(answer)
        text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
        ends = [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason]
    else:
        text, ends = answer.choices[0].message.content, [answer.choices[0].finish_reason]
    print(json.dumps({"case": step["case"], "status": raw.headers.get("x-cache-status"), "text": text, "ends": ends}), flush=True)
