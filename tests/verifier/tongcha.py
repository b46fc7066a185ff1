"""The formats of version 1, written from proto-schemas/ alone: reading, opening, verifying.

Needs Python 3.11 and the package `cryptography`. Its Ed25519 is OpenSSL's, which is less strict than section 2 asks for:
this shows that the published text is enough, it does not replace the strict verifier.
"""

import base64
import hashlib
import hmac
import json
import re
import struct
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

SCHEMAS = Path(__file__).resolve().parents[2] / "proto-schemas" / "v1"
TYPES = json.loads((SCHEMAS / "schema.json").read_text())
BITS = {"u16": 16, "u32": 32, "u64": 64, "i16": 16, "i32": 32, "i64": 64}
FORMS = {"PartyId": "[a-z]{1,16}", "OfficerId": "[a-z0-9.-]{1,48}", "UnitId": "[a-z0-9.-]{1,48}"}


class Refused(Exception):
    """Not valid; the text is the code of the verdict."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def verified(public, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        return True
    except InvalidSignature:
        return False


def within(code, function, *arguments):
    try:
        return function(*arguments)
    except Refused as refused:
        raise Refused(f"{code}/{refused}") from None


# --- section 1: canonical bytes, read by schema.json ----------------------------------------------------------------
# Structs and tuples are tuples, an option is () or (value,), a variant is (position, content).


def resolve(shape):
    while isinstance(shape, dict) and "is" in TYPES.get(shape.get("type"), {}):
        shape = TYPES[shape["type"]]["is"]
    return shape if isinstance(shape, dict) else {shape: None}


class Reader:
    def __init__(self, data):
        self.data, self.at, self.canonical = data, 0, True

    def take(self, count):
        part = self.data[self.at:self.at + count]
        if len(part) < count:
            raise Refused("malformed")
        self.at += count
        return part

    def flag(self):
        byte = self.take(1)[0]
        if byte > 1:
            raise Refused("malformed")
        return byte == 1

    def varint(self, bits=64):
        value = shift = 0
        while shift < bits:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                if value >> bits:
                    break
                self.canonical &= byte > 0 or shift == 7
                return value
        raise Refused("malformed")

    def many(self, read, key=None):
        items = tuple(read() for _ in range(self.varint()))
        keys = [key(item) for item in items] if key else []
        self.canonical &= all(a < b for a, b in zip(keys, keys[1:]))
        return items

    def value(self, shape):
        [(kind, of)] = resolve(shape).items()
        match kind:
            case "bool":
                return self.flag()
            case "u8":
                return self.take(1)[0]
            case "i8":
                return int.from_bytes(self.take(1), signed=True)
            case "u16" | "u32" | "u64":
                return self.varint(BITS[kind])
            case "i16" | "i32" | "i64":
                value = self.varint(BITS[kind])
                return value >> 1 if value % 2 == 0 else ~(value >> 1)
            case "text":
                try:
                    text = self.take(self.varint()).decode()
                except UnicodeDecodeError:
                    raise Refused("malformed") from None
                form = FORMS.get(shape["type"]) if isinstance(shape, dict) else None
                if form and not re.fullmatch(form, text):
                    raise Refused("malformed")
                return text
            case "bytes" | "uuid":
                part = self.take(self.varint())
                if kind == "uuid" and len(part) != 16:
                    raise Refused("malformed")
                return part
            case "fixed":
                return self.take(of)
            case "option":
                return (self.value(of),) if self.flag() else ()
            case "list":
                return self.many(lambda: self.value(of))
            case "set":
                return self.many(lambda: self.value(of), key=lambda item: item)
            case "map":
                return self.many(lambda: tuple(self.value(part) for part in of), key=lambda pair: pair[0])
            case "tuple":
                return tuple(self.value(part) for part in of)
        form = TYPES[of]
        if "struct" in form:
            return tuple(self.value(part) for _, part in form["struct"])
        index = self.varint(32)
        if index >= len(form["enum"]):
            raise Refused("malformed")
        content = form["enum"][index][1]
        return (index, None if content is None else self.value(content))


def read(name, data):
    reader = Reader(data)
    value = reader.value({"type": name} if name in TYPES else json.loads(name))
    if reader.at != len(data):
        raise Refused("trailing")
    if not reader.canonical:
        raise Refused("not-canonical")
    return value


def fields(name, value):
    """The fields of a struct by their names."""
    return dict(zip([field for field, _ in TYPES[name]["struct"]], value))


# --- sections 2 to 6: keys, entries, bodies, channels, tokens -------------------------------------------------------


class Card:
    def __init__(self, signing):
        self.signing = signing
        self.key_id = sha256(b"tongcha/key-id/v1\0", signing)[:8]


def header_of(data):
    if not 64 <= len(data) <= 4096:
        raise Refused("length")
    return fields("Header", within("header", read, "Header", data[:-64]))


def entry(data, cards):
    header = header_of(data)
    if header["version"] != 1:
        raise Refused("version")
    card = cards.get(header["origin"])
    if card is None or card.key_id != header["key_id"]:
        raise Refused("unknown-key")
    if not verified(card.signing, data[-64:], b"tongcha/event/v1\0" + data[:-64]):
        raise Refused("signature")
    if header["origin"] not in header["audience"]:
        raise Refused("audience")
    return header


def leaf(data):
    return sha256(b"\0", data)


def follow(header, before):
    """before: header and bytes of the entry before, or none."""
    seq, prev, clock = (before[0]["seq"] + 1, leaf(before[1]), before[0]["recorded_at"]) if before else (0, bytes(32), 0)
    if header["seq"] != seq:
        raise Refused("sequence")
    if header["prev"] != prev:
        raise Refused("chain")
    if header["recorded_at"] < clock:
        raise Refused("clock")


def xchacha(key, nonce, sealed):
    """XChaCha20-Poly1305: HChaCha20 gives the key of an ordinary ChaCha20-Poly1305."""
    s = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce[:16]))
    for turn in range(20):
        columns = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
        diagonals = [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
        for a, b, c, d in diagonals if turn % 2 else columns:
            for x, y, z, left in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                s[x] = (s[x] + s[y]) & 0xFFFFFFFF
                s[z] ^= s[x]
                s[z] = (s[z] << left | s[z] >> 32 - left) & 0xFFFFFFFF
    try:
        return ChaCha20Poly1305(struct.pack("<8I", *s[:4], *s[12:])).decrypt(bytes(4) + nonce[16:], sealed, None)
    except InvalidTag:
        return None


def key_hash_of(key):
    return sha256(b"tongcha/body-key/v1\0", key)


def check_body(header, key_hash, sealed):
    if len(sealed) > 256 * 1024:
        raise Refused("too-long")
    if len(sealed) != header["body_len"]:
        raise Refused("length")
    if header["body_digest"] != sha256(b"tongcha/body/v1\0", key_hash, sealed):
        raise Refused("digest")


def open_body(header, key_hash, sealed, key):
    """The canonical bytes of the body and the body. Its readers are not known here, only its kind."""
    check_body(header, key_hash, sealed)
    if key_hash_of(key) != key_hash:
        raise Refused("key")
    plain = xchacha(key, bytes(24), sealed)
    if plain is None:
        raise Refused("open")
    body = within("body", read, "Body", plain)
    if fields("Body", body)["event"][0] != header["kind"][0]:
        raise Refused("kind")
    return body


def channel_key(secret, enc, sender, recipient):
    """HPKE base mode, export only (RFC 9180)."""
    def extract(salt, suite, label, data):
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + data, "sha256")

    def expand(prk, suite, label, data):
        return hmac.digest(prk, struct.pack(">H", 32) + b"HPKE-v1" + suite + label + data + b"\1", "sha256")

    private, raw = X25519PrivateKey.from_private_bytes(secret), serialization.PublicFormat.Raw
    public = private.public_key().public_bytes(serialization.Encoding.Raw, raw)
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(enc))
    except ValueError:
        raise Refused("setup") from None
    kem, suite = b"KEM\0\x20", b"HPKE\0\x20\0\1\xff\xff"
    shared = expand(extract(b"", kem, b"eae_prk", shared), kem, b"shared_secret", enc + public)
    info = b"tongcha/channel/v1\0" + sender.encode() + b"\0" + recipient.encode()
    context = b"\0" + extract(b"", suite, b"psk_id_hash", b"") + extract(b"", suite, b"info_hash", info)
    exporter = expand(extract(shared, suite, b"secret", b""), suite, b"exp", context)
    return expand(exporter, suite, b"sec", b"channel key")


def unwrap(secret, sender, recipient, place, wrapped):
    enc, sealed, tag = wrapped
    key = xchacha(channel_key(secret, enc, sender, recipient), struct.pack("<Q", place) + bytes(16), sealed + tag)
    if key is None:
        raise Refused("unwrap")
    return key


def token_of(text):
    encoded = text.strip().removeprefix("tc1.")
    if encoded == text.strip() or not re.fullmatch("[A-Za-z0-9_-]*", encoded):
        raise Refused("text")
    if len(encoded) > 4096:
        raise Refused("length")
    data = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)) if len(encoded) % 4 != 1 else b""
    if base64.urlsafe_b64encode(data).decode().rstrip("=") != encoded:
        raise Refused("text")
    return data


def token(data, cards, opened_by=None):
    """opened_by: the name and X25519 secret of the party that opens the subjects."""
    if not 64 <= len(data) <= 2048:
        raise Refused("length")
    content = fields("TokenContent", within("content", read, "TokenContent", data[:-64]))
    claims = fields("ConsentClaims", content["claims"])
    if content["version"] != 1:
        raise Refused("version")
    card = cards.get(claims["issuer"])
    if card is None or card.key_id != content["key_id"]:
        raise Refused("unknown-key")
    if not verified(card.signing, data[-64:], b"tongcha/consent/v1\0" + data[:-64]):
        raise Refused("signature")
    if opened_by is None:
        return claims
    name, secret = opened_by
    if name not in dict(content["keys"]):
        raise Refused("not-for-us")
    key = within("key", unwrap, secret, claims["issuer"], name, 0, dict(content["keys"])[name])
    plain = xchacha(key, bytes(24), content["subjects"]) if key_hash_of(key) == content["key_hash"] else None
    if plain is None:
        raise Refused("subjects")
    subjects = within("content", read, '{"list": {"type": "Subject"}}', plain)
    if len(subjects) > 12 or claims["subjects"] or claims["others"]:
        raise Refused("subjects")
    return claims | {"subjects": subjects}


# --- sections 10 and 11: notes, checkpoints, receipts ---------------------------------------------------------------


def b64(text, code):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused(code) from None
    if base64.b64encode(data).decode() != text:
        raise Refused(code)
    return data


def read_note(data):
    if len(data) > 256 * 1024:
        raise Refused("too-long")
    if re.search("[\0-\x09\x0b-\x1f]", text := data.decode()):
        raise Refused("characters")
    body, empty, lines = text.rpartition("\n\n")
    if len(body.encode()) >= 32 * 1024:
        raise Refused("too-long")
    if not empty or not lines.endswith("\n"):
        raise Refused("form")
    signatures = []
    if lines.count("\n") > 32:
        raise Refused("too-many")
    for line in lines[:-1].split("\n"):
        found = re.fullmatch("— ([^ +]+) ([^ ]+)", line)
        blob = b64(found[2], "line") if found else b""
        if len(blob) < 5:
            raise Refused("line")
        signatures.append((found[1], blob[:4], blob[4:]))
    return body + "\n", signatures


def signatures_of(note, name, kind, public):
    key_id = sha256(name.encode(), b"\n", bytes([kind]), public)[:4]
    return [signature for found, key, signature in note[1] if (found, key) == (name, key_id)]


def checkpoint(data, party, cards):
    """Size, root, and who has cosigned."""
    note = within("note", read_note, data)
    body, name = note[0], f"tongcha.example/{party}/log/v1"
    signed = signatures_of(note, name, 1, cards[party].signing)
    if not signed:
        raise Refused("note/unsigned")
    if not all(verified(cards[party].signing, signature, body.encode()) for signature in signed):
        raise Refused("note/signature")
    lines = body[:-1].split("\n")
    if len(lines) < 3 or "" in lines:
        raise Refused("lines")
    if not re.fullmatch("0|[1-9][0-9]*", lines[1]) or int(lines[1]) >= 1 << 63:
        raise Refused("size")
    root = b64(lines[2], "root")
    if len(root) != 32:
        raise Refused("root")
    if lines[1] == "0" and root != sha256():
        raise Refused("empty-root")
    if lines[0] != name:
        raise Refused("origin")
    cosigned = []
    for witness, card in cards.items():
        for signature in signatures_of(note, f"tongcha.example/{witness}/witness/v1", 4, card.signing) if witness != party else []:
            time = int.from_bytes(signature[:8], "big")
            if not verified(card.signing, signature[8:], f"cosignature/v1\ntime {time}\n{body}".encode()):
                raise Refused("note/signature")
            cosigned.append(witness)
    return int(lines[1]), root, sorted(set(cosigned))


def receipt(text, cards):
    if len(text.encode()) > 256 * 1024 + 2 * 4096 + 64 * 48:
        raise Refused("too-long")
    proof, _, note = text.partition("\n\n")
    lines = proof.split("\n")
    form = ["c2sp.org/tlog-proof@v1", "extra ([^ ]*)", "index (0|[1-9][0-9]*)"]
    found = [re.fullmatch(pattern, line) for pattern, line in zip(form, lines)]
    if len(found) < 3 or not all(found):
        raise Refused("form")
    data, index = b64(found[1][1], "form"), int(found[2][1])
    hashes = [b64(line, "form") for line in lines[3:]]
    within("note", read_note, note.encode())
    header = within("entry", header_of, data)
    if header["origin"] not in cards:
        raise Refused("party")
    within("entry", entry, data, cards)
    size, root, cosigned = within("checkpoint", checkpoint, note.encode(), header["origin"], cards)
    if header["seq"] != index:
        raise Refused("position")
    if index >= size:
        raise Refused("proof/index")
    node, last, steps = leaf(data), size - 1, 0
    for other in hashes:  # RFC 9162, 2.1.3.2
        if last == 0:
            raise Refused("proof/length")
        left = index % 2 == 1 or index == last
        node = sha256(b"\1", other, node) if left else sha256(b"\1", node, other)
        while left and index % 2 == 0 and index:
            index, last = index >> 1, last >> 1
        index, last, steps = index >> 1, last >> 1, steps + 1
    if last:
        raise Refused("proof/length")
    if node != root:
        raise Refused("proof/root")
    return header, cosigned
