#!/usr/bin/env python3
"""Checks an exported bundle by what proto-schemas/v1 publishes and nothing else: an example for a verifier of your own.

Usage: bundle.py BUNDLE. Exit code 0: no finding; 1: a finding on stdout: log, entry, rule; 2: wrong usage.
Needs Python 3.11 and the package `cryptography`. Sections are those of format.md. Not checked: whether a key may be
registered (vectors.py), what is in the bodies (events.py), and whether what was decided was allowed.
"""
import base64
import hashlib
import json
import re
import struct
import sys
import tomllib
import uuid
import zlib
from calendar import monthrange
from collections import defaultdict
from contextlib import contextmanager
from math import inf
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

SCHEMAS = Path(__file__).resolve().parents[2] / "proto-schemas" / "v1"
TYPES = json.loads((SCHEMAS / "schema.json").read_text())
FORMS = {"PartyId": "[a-z]{1,16}", "OfficerId": "[a-z0-9.-]{1,48}", "UnitId": "[a-z0-9.-]{1,48}",
         "VersionName": "[a-z0-9.-]{1,24}", "Period": "20[0-9]{2}-(0[1-9]|1[0-2])", "TaskNo": "[1-9]|1[0-7]",
         "Date": "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", None: "[^\ud800-\udfff]*"}
PUBLISHED_KEY = b"tongcha/published-body-key/v1\0\0\0"
KEY_EVENTS = {"key-added": "Certified", "key-retired": "Retired", "key-compromised": "Compromised"}
PUBLISHED = {*KEY_EVENTS, "log-recovered"}
TILE = 256

class Refused(Exception):
    """Something is not as the format says: the rule's code as in the vectors, words for people, and the place."""

def require(holds, code, words=""):
    if not holds:
        raise Refused(code, words, "")

@contextmanager
def within(code="", where=""):
    """What is refused or can't be read in here is refused with this code before its own, or at this place."""
    try:
        yield
    except Exception as error:
        inner, words, place = error.args if isinstance(error, Refused) else ("unreadable", repr(error), "")
        raise Refused(f"{code}/{inner}" if code else inner, words, f"{where}: {place}" if where else place) from None

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

# --- section 1: canonical bytes, read by schema.json into the JSON form of section 12 ---------------------------------

def resolve(shape):
    """The kind of a shape, what it is of, and the last name that led to it."""
    name = None
    while isinstance(shape, dict) and "type" in shape:
        name = shape["type"]
        shape = TYPES[name].get("is", TYPES[name])
    [(kind, of)] = shape.items() if isinstance(shape, dict) else [(shape, None)]
    return kind, of, name

def position(name, variant):
    return [known for known, _ in TYPES[name]["enum"]].index(variant)

def ascends(shape, items):
    """Whether members of a set or keys of a map ascend, each once: variants by position, all others by themselves."""
    kind, _, name = resolve(shape)
    keys = [position(name, item) for item in items] if kind == "enum" else items
    return keys == sorted(set(keys))

def as_map(pairs):
    return {str(key): value for key, value in pairs} if all(isinstance(key, (str, int)) for key, _ in pairs) else pairs

class Reader:
    def __init__(self, data):
        self.data, self.at, self.canonical, self.bytes_of = data, 0, True, {}

    def take(self, count):
        require(self.at + count <= len(self.data), "malformed", "it ends early")
        self.at += count
        return self.data[self.at - count:self.at]

    def varint(self, bits=64):
        value = 0
        for shift in range(0, bits, 7):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
        require(byte < 0x80 and value < 1 << bits, "malformed", f"a number above {bits} bits")
        self.canonical &= byte > 0 or shift == 0
        return value

    def value(self, shape):
        kind, of, name = resolve(shape)
        match kind:
            case "bool" | "option":
                flag = self.take(1)[0]
                require(flag < 2, "malformed", f"a flag of {flag}")
                return flag == 1 if kind == "bool" else self.value(of) if flag else None
            case "u8" | "i8":
                value = int.from_bytes(self.take(1), signed=kind == "i8")
                require(re.fullmatch(FORMS.get(name, FORMS[None]), str(value)), "malformed", f"no {name}: {value}")
                return value
            case "u16" | "u32" | "u64" | "i16" | "i32" | "i64":
                value = self.varint(int(kind[1:]))
                return value if kind[0] == "u" else value >> 1 if value % 2 == 0 else -(value >> 1) - 1
            case "text":
                text = self.take(self.varint()).decode(errors="surrogateescape")
                require(re.fullmatch(FORMS.get(name, FORMS[None]), text), "malformed", f"no {name or 'text'}: {text!a}")
                day = name != "Date" or int(text[8:]) <= monthrange(int(text[:4]), int(text[5:7]))[1]
                require(day, "malformed", f"no day of the calendar: {text}")
                return text
            case "bytes" | "uuid" | "fixed":
                part = self.take(of or self.varint())
                require(kind != "uuid" or len(part) == 16, "malformed", "no UUID")
                return str(uuid.UUID(bytes=part)) if kind == "uuid" else part.hex()
            case "list" | "set":
                items = [self.value(of) for _ in range(self.varint())]
                self.canonical &= kind == "list" or ascends(of, items)
                return items
            case "map":
                pairs = [[self.value(of[0]), self.value(of[1])] for _ in range(self.varint())]
                self.canonical &= ascends(of[0], [key for key, _ in pairs])
                return as_map(pairs)
            case "tuple":
                return [self.value(part) for part in of]
            case "struct":
                start, value = self.at, {field: self.value(part) for field, part in of}
                self.bytes_of[name] = self.data[start:self.at]
                return value
        index = self.varint(32)  # an enum
        require(index < len(of), "malformed", f"{name} has no variant {index}")
        variant, content = of[index]
        return variant if content is None else {variant: self.value(content)}

def read(shape, data, longest=inf):
    """The value of canonical bytes, and by the names of structs the bytes of the last of each in them."""
    require(len(data) <= longest, "too-long", f"{len(data)} bytes")
    reader = Reader(data)
    value = reader.value({"type": shape} if isinstance(shape, str) and shape in TYPES else shape)
    require(reader.at == len(data), "trailing", f"{len(data) - reader.at} bytes follow")
    require(reader.canonical, "not-canonical", "not the one encoding of its value")
    return value, reader.bytes_of

# --- section 2: signatures, cards, keys in time -----------------------------------------------------------------------

P, ORDER_8 = 2**255 - 19, 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826
SMALL_ORDER = {0, 1, P - 1, ORDER_8, P - ORDER_8}  # y of the eight points

def verified(public, signature, message):
    """Strictly. OpenSSL itself refuses S >= L and an R that is not canonical, by the cofactorless equation."""
    ys = [int.from_bytes(point, "little") % 2**255 for point in (public, signature[:32])]
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        return all(y < P and y not in SMALL_ORDER for y in ys)
    except InvalidSignature:
        return False

def key_id_of(public):
    return sha256(b"tongcha/key-id/v1\0", public)[:8].hex()

class Party:
    """A card, what its root key has said since, and where in the party's log which key is valid."""

    def __init__(self, card):
        self.name, self.root, self.sealing = card["party"], bytes.fromhex(card.get("root", "")), card["sealing"]
        signing, short = bytes.fromhex(card["signing"]), lambda text: bytes([len(text.encode())]) + text.encode()
        said = short(self.name) + signing + bytes.fromhex(self.sealing) + short(card["broker_user"]) + self.root
        proof = verified(signing, bytes.fromhex(card["proof"]), b"tongcha/party-card/v1\0" + said)
        require(proof, "possession", f"{self.name} does not prove to have the key")
        self.check_key(self.root or signing)
        self.first = key_id_of(signing)
        self.keys, self.starts, self.cuts = {self.first: signing}, {self.first: 0}, defaultdict(lambda: (0, inf))
        self.spans, self.serial, self.last_use = {self.first: [0, inf]}, None, {}
        for text in card.get("statements", []):
            with within("statement"):
                self.take_up(*self.opened(base64.urlsafe_b64decode(text.removeprefix("tk1.") + "==")))
        require(not self.root or self.serial is not None, "uncertified", f"the root of {self.name} is not for its key")

    def opened(self, data):
        """What the root has signed: its number, the word, and what it says of a key."""
        statement = read("SignedStatement", data, 512)[0]["statement"]
        require(statement["party"] == self.name, "other-party", f"about {statement['party']}, not {self.name}")
        require(self.root, "no-root", f"the card of {self.name} names no root")
        by_root = verified(self.root, data[-64:], b"tongcha/key-statement/v1\0" + data[:-64])
        require(by_root, "root", f"not signed by the root of {self.name}")
        return statement["serial"], *statement["word"].popitem()

    def opened_in(self, header, sealed):
        """What an entry says of keys."""
        with within("statement"):
            try:
                _, bytes_of = open_body(header, sealed, PUBLISHED_KEY)
            except Refused as refused:
                raise Refused("body", ": ".join(refused.args[:2]), "") from None
            serial, word, said = self.opened(bytes_of["SignedStatement"])
            require(word == KEY_EVENTS[header["kind"]], "body", f"{word} in an entry of this kind")
        return serial, word, said

    def take_up(self, serial, word, said, in_log=False):
        """Counts from now on what the root has said, from the card or from the log."""
        key = said["key"]
        if word == "Certified":
            signing = bytes.fromhex(said["signing"])
            with within("key"):
                self.check_key(signing)
            require(key_id_of(signing) == key, "name", f"a certificate calls its key {key}")
            self.keys.setdefault(key, signing)
            self.starts.setdefault(key, said["from_seq"])
            if self.serial is None and (key, said["sealing"]) == (self.first, self.sealing):
                self.serial = serial
        elif word == "Compromised":
            require(key in self.keys, "unknown-key", f"a report of {key}, which {self.name} never had")
            new = serial > self.cuts[key][0] or (serial, said["cut"]) == self.cuts[key]
            require(new or in_log, "old", f"report {serial} of {key} after {self.cuts[key][0]}")
            self.cuts[key] = (serial, said["cut"]) if new else self.cuts[key]

    def check_key(self, public):
        """Whether a key may be registered is judged in vectors.py."""

    def check_place(self, key, seq):
        """By what the root has said of places, wherever it is known from."""
        with within("keys"):
            require(seq < self.cuts[key][1], "ended", f"reported stolen from entry {self.cuts[key][1]} on: {key}")
            require(seq >= self.starts[key], "early", f"{key} is for entries from {self.starts[key]} on")

    def check_valid(self, key, seq):
        """By what the log has said."""
        with within("keys"):
            require(key in self.spans and seq >= self.spans[key][0], "not-added", f"{key} was not added here")
            require(seq < self.spans[key][1], "ended", f"it ended at entry {self.spans[key][1]}: {key}")

    def is_valid(self, key, seq):  # by what the log has said
        start, end = self.spans.get(key, (inf, inf))
        return start <= seq < end

    def follow_word(self, seq, signer, serial, word, said):
        key, ends = said["key"], said.get("replaces", said["key"])
        if word == "Certified":
            require(key == signer, "not-its-own", f"{key} is added by another key")
            require(key not in self.spans, "added-before", key)
            require(serial > self.serial, "old", f"certificate {serial} after {self.serial}")
            require(seq >= said["from_seq"], "early", f"{key} is for entries from {said['from_seq']} on")
        else:
            require(word == "Retired" or said["cut"] <= seq, "ahead", "the cut is after this entry")
            require(word == "Retired" or self.last_use.get(key, -1) < said["cut"], "takes-back", f"entries of {key}")
            left = any(self.is_valid(other, seq) for other in self.spans if other != key)
            require(left, "only-key", f"{self.name} would be left without a key")
        there = ends is None or (ends in self.spans if word == "Compromised" else self.is_valid(ends, seq))
        require(there, "no-such-key", f"{ends} is to end and is not here")
        if ends is not None:
            self.spans[ends][1] = min(said.get("cut", seq), self.spans[ends][1])
        if word == "Certified":
            self.spans[key], self.serial = [seq, inf], serial

    def take(self, header, sealed):
        """Judges the next entry of the log by the keys valid at its place, and takes what it says of keys."""
        seq, signer = header["seq"], header["key_id"]
        if header["kind"] in KEY_EVENTS:
            statement = self.opened_in(header, sealed)
            with within("keys"):
                self.follow_word(seq, signer, *statement)
            with within("statement"):
                self.take_up(*statement, in_log=True)
        self.check_valid(signer, seq)
        self.last_use[signer] = seq

# --- sections 3, 4 and 8: entries, bodies, frames ---------------------------------------------------------------------

def leaf(entry):
    return sha256(b"\0", entry)

def check_entry(data, parties, sealed=b""):
    """sealed: the body, if it is here: an entry that adds a key brings with it the key that it is signed with."""
    require(64 <= len(data) <= 4096, "length", f"{len(data)} bytes")
    with within("header"):
        header, _ = read("Header", data[:-64])
    require(header["version"] == 1, "version", header["version"])
    origin, key = header["origin"], header["key_id"]
    party = parties.get(origin)
    if party and key not in party.keys and header["kind"] == "key-added" and sealed:
        statement = party.opened_in(header, sealed)
        with within("statement"):
            party.take_up(*statement)
    require(party and key in party.keys, "unknown-key", f"{origin} has no key {key}")
    good = verified(party.keys[key], data[-64:], b"tongcha/event/v1\0" + data[:-64])
    require(good, "signature", f"not signed by key {key} of {origin}")
    party.check_place(key, header["seq"])
    require(origin in header["audience"], "audience", f"{origin} does not read its own entry")
    return header

def follow(header, before, before_leaf):
    """Checks that an entry follows the one before; the first follows nothing."""
    seq, clock = (before["seq"] + 1, before["recorded_at"]) if before else (0, 0)
    require(header["seq"] == seq, "sequence", f"it has number {header['seq']}")
    require(header["prev"] == before_leaf.hex(), "chain", "prev is not the leaf of the entry before")
    require(header["recorded_at"] >= clock, "clock", "recorded before the entry before")

def xchacha(key, nonce, sealed):
    """XChaCha20-Poly1305: HChaCha20 makes the key of an ordinary ChaCha20-Poly1305. None when it does not open."""
    s = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce[:16]))
    for lanes in ["048c 159d 26ae 37bf", "05af 16bc 278d 349e"] * 10:
        for a, b, c, d in ([int(digit, 16) for digit in lane] for lane in lanes.split()):
            for x, y, z, left in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                s[x] = (s[x] + s[y]) & 0xFFFFFFFF
                s[z] = ((s[z] ^ s[x]) << left | (s[z] ^ s[x]) >> 32 - left) & 0xFFFFFFFF
    try:
        return ChaCha20Poly1305(struct.pack("<8I", *s[:4], *s[12:])).decrypt(bytes(4) + nonce[16:], sealed, None)
    except InvalidTag:
        return None

def key_hash_of(key):
    return sha256(b"tongcha/body-key/v1\0", key)

def check_body(header, sealed):
    """sealed: key_hash ‖ sealed, as beside the bundles of entries."""
    require(len(sealed) - 32 <= 256 * 1024, "too-long", f"{len(sealed)} bytes")
    require(len(sealed) - 32 == header["body_len"], "length", f"{len(sealed) - 32} bytes, not {header['body_len']}")
    require(sha256(b"tongcha/body/v1\0", sealed).hex() == header["body_digest"], "digest", "not the body of this entry")
    published = header["kind"] not in PUBLISHED or sealed[:32] == key_hash_of(PUBLISHED_KEY)
    require(published, "unpublished", "what a log says of keys and of losses is for everybody to read")

def open_body(header, sealed, key):
    """Its readers are not compared with the audience: who reads an event is not published as data."""
    check_body(header, sealed)
    require(key_hash_of(key) == sealed[:32], "key", "the key is of another body")
    plain = xchacha(key, bytes(24), sealed[32:])
    require(plain is not None, "open", "the body does not open")
    with within("body"):
        body, bytes_of = read("Body", plain)
    [event] = body["event"]
    require(position("Event", event) == position("EventKind", header["kind"]), "kind", f"{event} as {header['kind']}")
    return body, bytes_of

def read_frame(data):
    """The record at the beginning of some bytes: the entry, key_hash ‖ sealed or nothing, and how long the frame is."""
    length, crc = struct.unpack("<II", data[:8].ljust(8, b"\0"))
    require(length <= 267264, "damaged", "a frame longer than any")
    require(8 + length <= len(data), "torn", "it ends within a frame")
    require(zlib.crc32(data[8:8 + length]) == crc, "damaged", "the checksum of a frame")
    with within("damaged"):
        record, _ = read("Record", data[8:8 + length])
    body = record["body"] or {"key_hash": "", "ciphertext": ""}
    return bytes.fromhex(record["entry"]), bytes.fromhex(body["key_hash"] + body["ciphertext"]), 8 + length

# --- section 10: checkpoints, cosignatures, tiles ---------------------------------------------------------------------

def from_base64(text, code):
    try:
        data = base64.b64decode(text)
    except ValueError:
        data = b""
    require(data and base64.b64encode(data).decode() == text, code, "not base64")
    return data

def read_note(data):
    """The text of a signed note, and for each line of signature ((name, key ID), signature)."""
    note = data.decode(errors="surrogateescape")
    require(len(data) <= 256 * 1024, "too-long", f"{len(data)} bytes")
    require(not re.search("[\0-\x09\x0b-\x1f\ud800-\udfff]", note), "characters", "a control character, or no UTF-8")
    text, empty, lines = note.rpartition("\n\n")
    require(len(text.encode()) < 32 * 1024, "too-long", "the text of a note")
    require(empty and lines.endswith("\n"), "form", "no empty line, or no newline at the end")
    require(lines.count("\n") <= 32, "too-many", "signatures")
    found = [re.fullmatch(r"— ([^\s+]+) ([^ ]+)", line) for line in lines[:-1].split("\n")]
    require(all(found), "line", "no signature line")
    blobs = [from_base64(line[2], "line") for line in found]
    require(all(len(blob) > 4 for blob in blobs), "line", "a signature line without signature")
    return text + "\n", [((line[1], blob[:4]), blob[4:]) for line, blob in zip(found, blobs)]

def note_key(name, kind, public):
    """Name and key ID of a verifier key, and its text."""
    key_id = sha256(name.encode(), b"\n", bytes([kind]), public)[:4]
    return (name, key_id), f"{name}+{key_id.hex()}+{base64.b64encode(bytes([kind]) + public).decode()}\n"

def witness_keys(origin, parties):
    """The keys that may cosign the log of a party: all that the others' roots certified, but those reported stolen."""
    others = [party for name, party in sorted(parties.items()) if name != origin]
    keys = [(party.name, public) for party in others for key, public in party.keys.items() if party.cuts[key][1] == inf]
    return [(name, public, note_key(f"tongcha.example/{name}/witness/v1", 4, public)) for name, public in keys]

def check_checkpoint(data, origin, parties):
    """Size, root, the key that signed with its verifier key, and who has cosigned."""
    name, signers, cosigned = f"tongcha.example/{origin}/log/v1", [], set()
    with within("note"):
        text, lines = read_note(data)
        for key, public in parties[origin].keys.items():
            note, vkey = note_key(name, 1, public)
            for signature in [signature for found, signature in lines if found == note]:
                require(verified(public, signature, text.encode()), "signature", f"of {name}")
                signers.append((parties[origin].cuts[key][1] < inf, key, vkey))  # one that was not stolen counts
        require(signers, "unsigned", f"no signature of {name}")
    log, size, root = (text.split("\n") + [""] * 3)[:3]
    require(log and size and root and "" not in text[:-1].split("\n"), "lines", "three lines or more, none empty")
    require(re.fullmatch("0|[1-9][0-9]{0,18}", size) and int(size) < 1 << 63, "size", size)
    size, root = int(size), from_base64(root, "root")
    require(len(root) == 32, "root", "not 32 bytes")
    require(size > 0 or root == sha256(), "empty-root", "of a log without entries")
    require(log == name, "origin", f"a checkpoint of {log}")
    signer, vkey = min(signers)[1:]
    parties[origin].check_place(signer, max(size - 1, 0))
    for witness, public, (note, _) in witness_keys(origin, parties):
        for signature in [signature for found, signature in lines if found == note]:
            message = f"cosignature/v1\ntime {int.from_bytes(signature[:8], signed=True)}\n{text}".encode()
            require(verified(public, signature[8:], message), "note/signature", f"of the witness {witness}")
            cosigned.add(witness)
    return size, root, signer, vkey, sorted(cosigned)

def merkle(row):
    """The root of the RFC 6962 tree over these leaves."""
    if len(row) < 2:
        return row[0] if row else sha256()
    half = 1 << (len(row) - 1).bit_length() - 1
    return sha256(b"\1", merkle(row[:half]), merkle(row[half:]))

def tiles(entries, bodies):
    """The files of C2SP tlog-tiles over these entries, with the sealed bodies, by path."""
    def cut(base, row, encode):
        for index, run in enumerate(row[at:at + TILE] for at in range(0, len(row), TILE)):
            parts = re.findall("...", f"{index:0{(len(str(index)) + 2) // 3 * 3}}")
            path = "/".join([base] + [f"x{part}" for part in parts[:-1]] + parts[-1:])
            files[path + (f".p/{len(run)}" if len(run) < TILE else "")] = b"".join(map(encode, run))
    files, row, level = {}, [leaf(entry) for entry in entries], 0
    cut("tile/entries", entries, lambda entry: struct.pack(">H", len(entry)) + entry)
    cut("bodies", bodies, lambda body: struct.pack(">I", len(body)) + body)
    while row:
        cut(f"tile/{level}", row, bytes)
        row, level = [merkle(row[at:at + TILE]) for at in range(0, len(row) - TILE + 1, TILE)], level + 1
    return files

# --- section 8: the bundle --------------------------------------------------------------------------------------------

class Losses:
    """Section 15: the bodies that are for the holder and not here, and what the log says is lost."""
    def __init__(self, own):
        self.own, self.absent, self.said, self.record = own, {}, set(), (-1, 0, set())

    def take(self, header, sealed, ours):
        seq = header["seq"]
        if ours and not sealed:
            self.absent[seq] = len(header["audience"]) > 1
        elif header["kind"] == "log-recovered":
            recovery = open_body(header, sealed, PUBLISHED_KEY)[0]["event"]["LogRecovered"]["recovery"]
            at, missing, named = self.record
            goes_on = at + 1 == seq and missing == recovery["bodies_missing"]
            self.said |= {lost for lost in recovery["lost"] if lost < seq}
            self.record = seq, recovery["bodies_missing"], (named if goes_on else set()) | set(recovery["lost"])

    def check(self):
        at, missing, named = self.record
        for seq, told in self.absent.items():
            known = seq in self.said if told or not self.own else seq < at
            require(known, "body", f"of entry {seq} is missing, and no later entry says that it was lost")
        if self.own and at >= 0:
            require(named <= self.absent.keys(), "body", f"is here that entry {at} says is lost")
            found = sum(seq < at for seq in self.absent)
            require(found == missing, "body", f"{found} are missing, {missing} by entry {at}")

def check_log(bundle, manifest, origin, parties):
    """Checks every entry of a log; returns (entry, header, sealed body) for each."""
    holder, claims = manifest["party"], {log["origin"]: (log["count"], log["head"]) for log in manifest["logs"]}
    path = bundle / "logs" / f"{origin}.log"
    data, at, log, before, head = path.read_bytes() if path.exists() else b"", 0, [], None, bytes(32)
    losses = Losses(origin == holder)
    while at < len(data):
        with within(where=f"entry {len(log)}"):
            entry, sealed, length = read_frame(data[at:at + 8 + 267264])
            header = check_entry(entry, parties, sealed)
            require(header["origin"] == origin, "origin", f"an entry of {header['origin']}")
            follow(header, before, head)
            for peer, seen in (before or header)["seen"].items():
                require(header["seen"].get(peer, 0) >= seen, "seen", f"less of {peer} than the entry before")
            for peer, seen in header["seen"].items() if origin == holder else ():
                require(seen <= claims.get(peer, (0,))[0], "seen", f"more of {peer} than the bundle has")
            ours = holder in header["audience"]
            require(ours or not sealed, "body", f"not for {holder}")
            if sealed:
                check_body(header, sealed)
            losses.take(header, sealed, ours)
            parties[origin].take(header, sealed)
        log.append((entry, header, sealed))
        before, head, at = header, leaf(entry), at + length
    losses.check()
    claim = claims.get(origin, (0, bytes(32).hex()))
    require(claim == (len(log), head.hex()), "manifest", f"it says {claim}, the log is {(len(log), head.hex())}")
    return log

def check_evidence(bundle, origin, parties, log):
    """Checks a log's checkpoint and tiles; says who has witnessed how much."""
    path, base = bundle / "checkpoints" / f"{origin}.note", bundle / origin
    files, said = {}, "no checkpoint"
    if path.exists():
        with within(where="checkpoint"):
            size, root, signer, vkey, cosigned = check_checkpoint(path.read_bytes(), origin, parties)
            require(size <= len(log), "beyond", f"it covers {size} entries")
            require(merkle([leaf(entry) for entry, _, _ in log[:size]]) == root, "root", "not that of the entries")
            parties[origin].check_valid(signer, max(size - 1, 0))
        files = tiles([entry for entry, _, _ in log[:size]], [sealed for _, _, sealed in log[:size]])
        cosigners = "".join(text for _, _, (_, text) in witness_keys(origin, parties))
        files |= {"checkpoint": path.read_bytes(), "vkey": vkey.encode(), "cosigners": cosigners.encode()}
        said = f"{size} witnessed by {' and '.join(cosigned) or 'nobody'}"
    found = {str(file.relative_to(base)): file.read_bytes() for file in base.rglob("*") if file.is_file()}
    for name in sorted(files.keys() | found.keys()):
        require(found.get(name) == files.get(name), "tiles", f"{origin}/{name} is not what the log makes it")
    return said

def check_bundle(bundle):
    """A line for people on each log, and the logs by party, the holder's first."""
    manifest = tomllib.loads((bundle / "bundle.toml").read_text())
    require(manifest["format"] == 1, "format", f"format {manifest['format']}")
    parties, logs, said = {}, {}, []
    for path in sorted((bundle / "cards").glob("*.toml")):
        with within("card", path.name):
            party = Party(tomllib.loads(path.read_text()))
            require(parties.setdefault(party.name, party) is party, "duplicate", f"two cards of {party.name}")
    origins = {path.stem for path in (bundle / "logs").glob("*.log")} | {log["origin"] for log in manifest["logs"]}
    for origin in sorted(origins, key=lambda origin: (origin != manifest["party"], origin)):
        with within(where=f"log of {origin}"):
            require(origin in parties, "card", "there is none")
            logs[origin] = check_log(bundle, manifest, origin, parties)
            witnessed = check_evidence(bundle, origin, parties, logs[origin])
            said.append(f"{origin}: {len(logs[origin])} entries, {witnessed}")
    return said, manifest["party"], logs

def report(work):
    """Runs what returns lines for people; returns the exit code."""
    try:
        with within():
            said = work()
        print("\n".join(said))
        return 0
    except Refused as refused:
        code, words, where = refused.args
        print(f"FINDING: {where}{code}: {words}")
        return 1

if __name__ == "__main__":
    sys.exit(report(lambda: check_bundle(Path(sys.argv[1]))[0]) if len(sys.argv) == 2 else print(__doc__) or 2)
