"""Sends what the real `openai` and `anthropic` clients can say through a gateway: every parameter that their types offer,
with every alternative of its type, each in a request of its own. Then what is wrong, which the clients must raise.

Called by clients.rs with the gateway's address. Prints one line of JSON: {"sent": n, "refused": [...], "raised": [...]}.
"""

import inspect
import json
import sys
import types
import typing

import anthropic
import openai
from typing_extensions import NotRequired, Required, Annotated, Literal, is_typeddict

MAX_ALTERNATIVES = 40
MAX_DEPTH = 5

# Values that a type does not tell.
KNOWN = {"size": "2048x2048", "budget_tokens": 1024, "temperature": 0.5, "top_p": 0.5, "url": "https://example.com/a.png", "image_url": "https://example.com/a.png", "max_tokens": 16}


def samples(hint, name="", depth=0):
    """Values of a type: the first has everything, the others each an alternative."""
    origin = typing.get_origin(hint)
    if origin in (Required, NotRequired, Annotated):
        return samples(typing.get_args(hint)[0], name, depth)
    if origin is Literal:
        return list(typing.get_args(hint))
    if origin in (typing.Union, types.UnionType):
        return [value for one in typing.get_args(hint) for value in samples(one, name, depth)]
    if is_typeddict(hint):
        return objects(hint, depth)
    if origin is dict or hint is dict:
        args = typing.get_args(hint)
        inner = samples(args[1], name, depth + 1) if args else [1]
        return [{"k": inner[0]}] if inner else [{}]
    if origin is not None and inspect.isclass(origin) and issubclass(origin, typing.Iterable):
        args = typing.get_args(hint)
        return [[value] for value in samples(args[0], name, depth + 1)] if args else [[]]
    if name in KNOWN and hint in (str, int, float):
        return [KNOWN[name]]
    plain = {str: ["x"], bool: [True], int: [1], float: [0.5], type(None): [None], object: [{"k": 1}]}
    return plain.get(hint, [])


def objects(hint, depth):
    members = typing.get_type_hints(hint, include_extras=True)
    # Annotations that are text hide `Required` from `__required_keys__`.
    marked = {name for name, of in members.items() if typing.get_origin(of) is Required}
    required = marked | {name for name in hint.__required_keys__ if typing.get_origin(members.get(name)) is not NotRequired}
    if depth > MAX_DEPTH:
        members = {name: of for name, of in members.items() if name in required}
    full = {}
    for name, of in members.items():
        values = [value for value in samples(of, name, depth + 1) if value is not None]
        if values:
            full[name] = values[0]
    out = [full, {name: value for name, value in full.items() if name in required}]
    for name, of in members.items():
        out += [{**full, name: value} for value in samples(of, name, depth + 1)[1:MAX_ALTERNATIVES]]
    return out[: MAX_ALTERNATIVES * 4]


def requests(hint, base):
    for name, of in typing.get_type_hints(hint, include_extras=True).items():
        for value in samples(of, name, 1):
            yield name, {**base, name: value}


def main():
    address = sys.argv[1]
    one = openai.OpenAI(api_key="none", base_url=f"{address}/v1", max_retries=0)
    other = anthropic.Anthropic(api_key="none", base_url=address, max_retries=0)
    user = [{"role": "user", "content": "hello"}]
    from openai.types import completion_create_params, embedding_create_params, image_generate_params, moderation_create_params
    from openai.types.chat import completion_create_params as chat_params
    from openai.types.responses import response_create_params
    from anthropic.types import message_count_tokens_params, message_create_params

    calls = [
        (one.chat.completions, "create", chat_params.CompletionCreateParamsNonStreaming, {"model": "m", "messages": user}),
        (one.completions, "create", completion_create_params.CompletionCreateParamsNonStreaming, {"model": "m", "prompt": "x"}),
        (one.embeddings, "create", embedding_create_params.EmbeddingCreateParams, {"model": "m", "input": "x"}),
        (one.moderations, "create", moderation_create_params.ModerationCreateParams, {"input": "x"}),
        (one.images, "generate", image_generate_params.ImageGenerateParamsNonStreaming, {"prompt": "x"}),
        (one.responses, "create", response_create_params.ResponseCreateParamsNonStreaming, {"model": "m", "input": "x"}),
        (other.messages, "create", message_create_params.MessageCreateParamsNonStreaming, {"model": "m", "max_tokens": 16, "messages": user}),
        (other.messages, "count_tokens", message_count_tokens_params.MessageCountTokensParams, {"model": "m", "messages": user}),
    ]
    sent, refused = {}, []
    for resource, method, hint, base in calls:
        send = getattr(resource.with_raw_response, method)
        key = f"{type(resource).__module__}.{method}"
        for name, request in [("", base), *requests(hint, base)]:
            sent[key] = sent.get(key, 0) + 1
            try:
                send(**request)
            except (openai.BadRequestError, anthropic.BadRequestError) as error:
                refused.append([key, name, error.message[:300], json.dumps(request, default=str)[:300]])
            except (openai.APIStatusError, anthropic.APIStatusError):
                pass  # The upstream of the test does not serve it, so it passed the gateway.

    raised = []
    wrong = [
        (one.chat.completions, {"model": "m", "messages": [{"role": "robot", "content": "x"}]}, "/messages/0/role must be"),
        (one.chat.completions, {"model": "m", "messages": user, "temperature": 3}, "/temperature must be at most 2"),
        (one.embeddings, {"model": "m", "input": []}, "/input must not be empty"),
        (one.responses, {"model": "m", "input": 5}, "/input must be a string or an array"),
        (other.messages, {"model": "m", "max_tokens": -1, "messages": user}, "/max_tokens must be at least 0"),
        (other.messages, {"model": "m", "max_tokens": 5, "messages": [{"role": "user"}]}, "/messages/0/content is missing"),
    ]
    for resource, request, expected in wrong:
        try:
            resource.create(**request)
            refused.append(["no error", str(request)])
        except (openai.BadRequestError, anthropic.BadRequestError) as error:
            if expected not in error.message:
                refused.append(["another message", expected, error.message])
            raised.append(error.message)
    print(json.dumps({"sent": sent, "refused": refused, "raised": raised}))


main()
