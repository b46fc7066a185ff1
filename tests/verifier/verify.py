#!/usr/bin/env python3
"""Checks what the exchange publishes, by what is published: proto-schemas/ and nothing else.

Usage: verify.py vectors                                   every vector has its verdict, every body its three forms
       verify.py bundle BUNDLE [JSONL PROTOBUF]            an exported bundle, and the events exported from it
Exit code 0: all is well; 1: a finding, named on stdout; 2: wrong usage. Needs `protoc` and the package `protobuf`.

Of a bundle: for every log that has a checkpoint its signature and the cosignatures, the entries' signatures, canonical
headers, chain, clock and audience, the leaves against the hash tiles, the Merkle root, the digests of the sealed bodies, the
bodies where a key is here, and that the exported events say exactly the same.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
import uuid
import zlib
from pathlib import Path

import tongcha as t
from tongcha import Refused

TILE = 256


class Finding(Exception):
    """What is wrong, in words."""


# --- the three forms of one value -----------------------------------------------------------------------------------


def as_json(shape, value):
    [(kind, of)] = t.resolve(shape).items()
    match kind:
        case "bytes" | "fixed":
            return value.hex()
        case "uuid":
            return str(uuid.UUID(bytes=value))
        case "option":
            return as_json(of, value[0]) if value else None
        case "list" | "set":
            return [as_json(of, item) for item in value]
        case "map":
            pairs = [(as_json(of[0], key), as_json(of[1], item)) for key, item in value]
            if all(isinstance(key, (str, int)) and not isinstance(key, bool) for key, _ in pairs):
                return {str(key): item for key, item in pairs}
            return [list(pair) for pair in pairs]
        case "tuple":
            return [as_json(part, item) for part, item in zip(of, value)]
        case "type":
            form = t.TYPES[of]
            if "struct" in form:
                return {name: as_json(part, item) for (name, part), item in zip(form["struct"], value)}
            name, content = form["enum"][value[0]]
            return name if content is None else {name: as_json(content, value[1])}
    return value


def messages():
    """The module that protoc makes of the published file."""
    out = tempfile.mkdtemp()
    subprocess.run(["protoc", f"-I{t.SCHEMAS}", f"--python_out={out}", "tongcha.proto"], check=True)
    sys.path.insert(0, out)
    import tongcha_pb2
    return tongcha_pb2


def is_same(shape, value, message, number):
    """Whether the field of a message says what the value says."""
    [(kind, of)] = t.resolve(shape).items()
    field = message.DESCRIPTOR.fields_by_number[number]
    found = getattr(message, field.name)
    if kind == "option":
        return message.HasField(field.name) == bool(value) and (not value or is_one(of, value[0], found))
    if kind in ("list", "set", "map"):
        shape = {"tuple": of} if kind == "map" else of
        return len(found) == len(value) and all(is_one(shape, item, one) for item, one in zip(value, found))
    return is_one(shape, value, found)


def is_one(shape, value, found):
    [(kind, of)] = t.resolve(shape).items()
    match kind:
        case "option" | "list" | "set" | "map":
            return is_same(shape, value, found, 1)
        case "tuple":
            return all(is_same(part, item, found, at + 1) for at, (part, item) in enumerate(zip(of, value)))
        case "type":
            form = t.TYPES[of]
            if "struct" in form:
                return is_one({"tuple": [part for _, part in form["struct"]]}, value, found)
            if all(content is None for _, content in form["enum"]):
                return found == value[0]
            field = found.DESCRIPTOR.fields_by_number[value[0] + 1]
            content = form["enum"][value[0]][1]
            return found.WhichOneof("value") == field.name and (
                content is None or is_one(content, value[1], getattr(found, field.name)))
    return found == value


def check_forms(what, name, value, protobuf, found_json, pb):
    message = getattr(pb, name).FromString(protobuf)
    if not is_one({"type": name}, value, message) or message.SerializeToString(deterministic=True) != protobuf:
        raise Finding(f"{what}: the protobuf message says something else")
    if as_json({"type": name}, value) != found_json:
        raise Finding(f"{what}: the JSON says something else")


# --- vectors --------------------------------------------------------------------------------------------------------


def given(case, name):
    text = case["input"][name]
    return bytes.fromhex(text[:2]) * int(text[3:]) if text[2:3] == "*" else bytes.fromhex(text)


def check_vectors():
    vectors = {path.stem: json.loads(path.read_text()) for path in (t.SCHEMAS / "vectors").glob("*.json")}
    parties = vectors["parties"]
    cards = {name: t.Card(bytes.fromhex(party["card"]["signing"])) for name, party in parties.items()}
    sealing = {name: bytes.fromhex(party["sealing_seed"]) for name, party in parties.items()}

    def entry(case):
        before = given(case, "after") if "after" in case["input"] else None
        t.follow(t.entry(given(case, "entry"), cards), before and (t.header_of(before), before))

    def body(case):
        key_hash, ciphertext, key = (given(case, name) for name in ("key_hash", "ciphertext", "key"))
        t.open_body(t.header_of(given(case, "entry")), key_hash, ciphertext, key)

    def token(case):
        text, by = case["input"].get("text"), case["input"].get("opened_by")
        t.token(given(case, "token") if text is None else t.token_of(text), cards, by and (by, sealing[by]))

    def checkpoint(case):
        note = case["input"].get("note")
        t.checkpoint(given(case, "bytes") if note is None else note.encode(), "zhuhai", cards)

    def receipt(case):
        t.receipt(case["input"].get("receipt") or given(case, "bytes").decode(), cards)

    counted = {}
    for judge in (entry, body, token, checkpoint, receipt):
        for case in vectors[judge.__name__]["cases"]:
            try:
                judge(case)
                verdict = "valid"
            except Refused as refused:
                verdict = str(refused)
            # Who reads an event is not published as data: only its own parties can compare that.
            if verdict != case["verdict"] and (judge, case["verdict"]) != (body, "audience"):
                raise Finding(f"{judge.__name__}: {case['name']}: {verdict}, not {case['verdict']}")
            counted[judge.__name__] = counted.get(judge.__name__, 0) + 1
    pb = messages()
    for name, part in (("Body", "bodies"), ("ExportedEntry", "exported")):
        for what, forms in vectors["bodies"][part].items():
            value = t.read(name, bytes.fromhex(forms["postcard"]))
            check_forms(what, name, value, bytes.fromhex(forms["protobuf"]), forms["json"], pb)
            counted[part] = counted.get(part, 0) + 1
    return ", ".join(f"{count} of {name}" for name, count in counted.items())


# --- bundles --------------------------------------------------------------------------------------------------------


def merkle(row):
    while len(row) > 1:
        pairs = [t.sha256(b"\x01", a, b) for a, b in zip(row[::2], row[1::2])]
        row = pairs + (row[-1:] if len(row) % 2 else [])
    return row[0] if row else t.sha256()


def tile(base, index, size):
    """The path of the tile with this index in a log of this size, and its width."""
    width = min(TILE, size - index * TILE)
    parts = [f"{index % 1000:03}"]
    while index := index // 1000:
        parts.insert(0, f"x{index % 1000:03}")
    path = base.joinpath(*parts)
    return (path, TILE) if width == TILE else (path.with_name(path.name + ".p") / str(width), width)


def prefixed(data, count, length_bytes):
    parts, at = [], 0
    for _ in range(count):
        length = int.from_bytes(data[at:at + length_bytes], "big")
        at += length_bytes
        parts.append(data[at:at + length])
        at += length
    if at != len(data):
        raise Finding("a bundle has more or fewer entries than its width")
    return parts


def key_slot(keys, seq):
    """A body key, "erased", or nothing."""
    slot = keys[40 * seq:40 * seq + 40] or bytes(40)
    state, sum_of = slot[0], int.from_bytes(slot[33:37], "little")
    if (slot != bytes(40) if state == 0 else state > 2 or sum_of != zlib.crc32(slot[:33]) or slot[37:] != bytes(3)):
        raise Finding(f"the key slot of entry {seq} is damaged")
    return (None, slot[1:33], "erased")[state]


def content_of(header, holder, body, key):
    """What an exported entry says of the content: position of the variant and the body."""
    if holder not in header["audience"]:
        return (1, None)
    if key is None or key == "erased":
        return (3 if key is None else 2, None)
    return (0, t.open_body(header, body[:32], body[32:], key))


def verify_log(bundle, party, cards, holder):
    """A line to print, and each entry as it is to be exported."""
    base, keys = bundle / party, bundle / "body-keys" / f"{party}.keys"
    keys = keys.read_bytes() if keys.exists() else b""
    size, root, cosigned = t.checkpoint((base / "checkpoint").read_bytes(), party, cards)
    before, leaves, exported = None, [], []
    for index in range((size + TILE - 1) // TILE):
        path, width = tile(base / "tile" / "entries", index, size)
        entries = prefixed(path.read_bytes(), width, 2)
        sealed = prefixed(tile(base / "bodies", index, size)[0].read_bytes(), width, 4)
        for entry, body in zip(entries, sealed):
            seq = len(leaves)
            try:
                header = t.entry(entry, cards)
                t.follow(header, before)
                if header["origin"] != party or bool(body) != (holder in header["audience"]):
                    raise Finding(f"entry {seq}: of another log, or its body is missing or not for {holder}")
                if body:
                    t.check_body(header, body[:32], body[32:])
                content = content_of(header, holder, body, key_slot(keys, seq))
            except Refused as refused:
                raise Finding(f"entry {seq}: {refused}") from None
            before = (header, entry)
            leaves.append(t.leaf(entry))
            exported.append((tuple(header.values()), leaves[-1], content))
        if tile(base / "tile" / "0", index, size)[0].read_bytes() != b"".join(leaves[index * TILE:]):
            raise Finding(f"hash tile {index} is not that of its entries")
    if merkle(leaves) != root:
        raise Finding("the root is not the one its checkpoint has")
    opened = sum(content[0] == 0 for _, _, content in exported)
    line = f"{party}: {size} entries, {opened} bodies opened, root and chain good, witnessed by {' and '.join(cosigned) or 'nobody'}"
    return line, exported


def delimited(data):
    at = 0
    while at < len(data):
        reader = t.Reader(data[at:at + 10])
        length = reader.varint()
        at += reader.at + length
        yield data[at - length:at]


def check_events(expected, jsonl, protobuf):
    lines, parts = [json.loads(line) for line in jsonl.read_text().splitlines()], list(delimited(protobuf.read_bytes()))
    pb = messages()
    places = {(line["header"]["origin"], line["header"]["seq"]): at for at, line in enumerate(lines)}
    if len(lines) != len(parts) or len(places) != len(lines):
        raise Finding("the two exports have different entries, or one twice")
    for value in expected:
        place = (value[0][1], value[0][2])
        if place not in places:
            raise Finding(f"entry {place} is not among the events")
        check_forms(f"event {place}", "ExportedEntry", value, parts[places[place]], lines[places[place]], pb)
    return f"{len(expected)} events in both forms"


def check_bundle(bundle, events):
    found = [tomllib.loads(card.read_text()) for card in sorted((bundle / "cards").glob("*.toml"))]
    cards = {card["party"]: t.Card(bytes.fromhex(card["signing"])) for card in found}
    holder = tomllib.loads((bundle / "bundle.toml").read_text())["party"]
    logs = [party for party in cards if (bundle / party / "checkpoint").exists()]
    if not logs:
        raise Finding("the bundle has no log with a checkpoint")
    expected, said = [], []
    for party in logs:
        try:
            line, exported = verify_log(bundle, party, cards, holder)
        except (Finding, Refused) as finding:
            raise Finding(f"log of {party}: {finding}") from None
        said.append(line)
        expected += exported
    return "\n".join(said + ([check_events(expected, *events)] if events else []))


def main(arguments):
    match arguments:
        case ["vectors"]:
            work = check_vectors
        case ["bundle", bundle, *events] if len(events) in (0, 2):
            work = lambda: check_bundle(Path(bundle), [Path(path) for path in events])
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    try:
        print(work())
        return 0
    except Exception as finding:  # whatever can't be read is a finding too
        print(f"FINDING: {type(finding).__name__}: {finding}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
