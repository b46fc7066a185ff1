#!/usr/bin/env python3
"""Checks the events exported from a bundle, in both forms, against the bodies that its keys open. Imports bundle.py.

Usage: events.py BUNDLE JSONL PROTOBUF. Exit codes as bundle.py. Needs the package `protobuf` and `protoc` besides.
"""
import json
import subprocess
import sys
import tempfile
import uuid
import zlib
from pathlib import Path

from google.protobuf.message import DecodeError

from bundle import SCHEMAS, Reader, Refused, as_map, check_bundle, leaf, open_body, report, require, resolve, within

def messages():
    """The module that protoc makes of the published file."""
    with tempfile.TemporaryDirectory() as out:
        subprocess.run(["protoc", f"-I{SCHEMAS}", f"--python_out={out}", "tongcha.proto"], check=True)
        sys.path.insert(0, out)
        import tongcha_pb2
        return tongcha_pb2

def field_of(shape, message, number):
    """The JSON form of one field of a message."""
    kind, of, _ = resolve(shape)
    field = message.DESCRIPTOR.fields_by_number[number]
    found = getattr(message, field.name)
    if kind == "option":
        return one_of(of, found) if message.HasField(field.name) else None
    if kind in ("list", "set"):
        return [one_of(of, item) for item in found]
    return as_map([one_of({"tuple": of}, pair) for pair in found]) if kind == "map" else one_of(shape, found)

def one_of(shape, found):
    """The JSON form of what a field holds."""
    kind, of, _ = resolve(shape)
    match kind:
        case "option" | "list" | "set" | "map":
            return field_of(shape, found, 1)
        case "tuple":
            return [field_of(part, found, at + 1) for at, part in enumerate(of)]
        case "struct":
            return {name: field_of(part, found, at + 1) for at, (name, part) in enumerate(of)}
        case "enum" if all(content is None for _, content in of):
            return of[found][0]
        case "enum":
            field = found.WhichOneof("value")
            variant, content = of[found.DESCRIPTOR.fields_by_name[field].number - 1]
            return variant if content is None else {variant: one_of(content, getattr(found, field))}
        case "bytes" | "fixed":
            return found.hex()
        case "uuid":
            return str(uuid.UUID(bytes=found))
    return found

def check_forms(name, value, protobuf, found_json, modules):
    """Both forms say what the canonical bytes say, and the message is the only one that does."""
    try:
        message = getattr(modules, name).FromString(protobuf)
    except DecodeError:
        raise Refused("protobuf", "no message", "") from None
    require(one_of({"type": name}, message) == value, "protobuf", "the message says something else")
    message.DiscardUnknownFields()
    require(message.SerializeToString(deterministic=True) == protobuf, "protobuf", "the message has another form")
    require(found_json == value, "json", "the JSON says something else")

def read_slot(slot):
    """A body key, nothing, or "erased"."""
    state, crc = slot[0], int.from_bytes(slot[33:37], "little")
    whole = slot == bytes(40) if state == 0 else state < 3 and crc == zlib.crc32(slot[:33]) and slot[37:] == bytes(3)
    require(whole, "damaged", "the slot of a body key")
    return (None, slot[1:33], "erased")[state]

def content_of(header, sealed, slot, holder):
    if holder not in header["audience"]:
        return "not_addressed"
    if not sealed:
        return "lost"
    key = read_slot(slot or bytes(40))
    return {"body": open_body(header, sealed, key)[0]} if isinstance(key, bytes) else key or "no_key"

def check_events(bundle, jsonl, protobuf):
    said, holder, logs = check_bundle(bundle)
    lines, data, modules = jsonl.read_text().splitlines(), Reader(protobuf.read_bytes()), messages()
    require(len(lines) == sum(map(len, logs.values())), "json", f"{len(lines)} events are not one for each entry")
    for origin, log in logs.items():
        path, opened = bundle / "body-keys" / f"{origin}.keys", 0
        slots = path.read_bytes() if path.exists() else b""
        for seq, (entry, header, sealed) in enumerate(log):
            with within(where=f"event of log {origin}: entry {seq}"):
                content = content_of(header, sealed, slots[40 * seq:40 * seq + 40], holder)
                value = {"header": header, "leaf": leaf(entry).hex(), "content": content}
                check_forms("ExportedEntry", value, data.take(data.varint()), json.loads(lines.pop(0)), modules)
            opened += "body" in content if isinstance(content, dict) else 0
        said.append(f"{origin}: {len(log)} events, {opened} bodies opened, both forms the same")
    require(data.at == len(data.data), "protobuf", "more events than entries")
    return said

if __name__ == "__main__":
    paths = [Path(path) for path in sys.argv[1:]]
    sys.exit(report(lambda: check_events(*paths)) if len(paths) == 3 else print(__doc__) or 2)
