#!/usr/bin/env python3
"""Judges every published vector, and compares the three forms of every body. Imports bundle.py and events.py.

Usage: vectors.py. Exit codes as bundle.py. A form (a file of proto-schemas/v1/vectors) has a judge in JUDGES, a
function of its input; what is not judged is in NOT_JUDGED with the reason. A form in neither, or in both, is a finding.
"""
import base64
import hmac
import json
import re
import struct
import sys
import zlib
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

import bundle as b
from bundle import P, Refused, require, sha256, within
from events import check_forms, messages, read_slot

# Whole forms, or single verdicts of a form that has a judge.
NOT_JUDGED = {
    ("body", "audience"): "who reads an event is not published as data (section 4)",
}

# --- section 2: which keys are registered -----------------------------------------------------------------------------

L, D = 2**252 + 27742317777372353535851937790883648493, -121665 * pow(121666, -1, P) % P

def plus(one, other):
    (x1, y1), (x2, y2) = one, other
    d = D * x1 * x2 * y1 * y2
    return (x1 * y2 + x2 * y1) * pow(1 + d, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - d, -1, P) % P

@cache
def check_key(public):
    y = int.from_bytes(public, "little") % 2**255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    require(y < P and x * x % P == square and (x > 0 or public[31] < 128), "not-canonical", public.hex())
    require(y not in b.SMALL_ORDER, "weak", public.hex())
    product = (0, 1)
    for bit in f"{L:b}":
        product = plus(product, product)
        product = plus(product, (x, y)) if bit == "1" else product
    require(product == (0, 1), "torsion", public.hex())

class Registered(b.Party):
    def check_key(self, public):
        check_key(public)

def register(cards):
    parties = {}
    for card in cards:
        check_key(bytes.fromhex(card["signing"]))
        party = Registered(card)
        require(parties.setdefault(party.name, party) is party, "duplicate", party.name)
    return parties

# --- sections 5 to 7: channels, tokens, lookups -----------------------------------------------------------------------

def channel_key(secret, enc, sender, recipient):
    """HPKE in base mode, export only (RFC 9180)."""
    def extract(salt, suite, label, data):
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + data, "sha256")

    def expand(prk, suite, label, data):
        return hmac.digest(prk, struct.pack(">H", 32) + b"HPKE-v1" + suite + label + data + b"\1", "sha256")

    private, raw = X25519PrivateKey.from_private_bytes(secret), serialization.PublicFormat.Raw
    public = private.public_key().public_bytes(serialization.Encoding.Raw, raw)
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(enc))
    except ValueError:
        raise Refused("setup", "an encapsulation of small order", "") from None
    kem, suite = b"KEM\0\x20", b"HPKE\0\x20\0\1\xff\xff"
    shared = expand(extract(b"", kem, b"eae_prk", shared), kem, b"shared_secret", enc + public)
    info = b"tongcha/channel/v1\0" + sender.encode() + b"\0" + recipient.encode()
    context = b"\0" + extract(b"", suite, b"psk_id_hash", b"") + extract(b"", suite, b"info_hash", info)
    exporter = expand(extract(shared, suite, b"secret", b""), suite, b"exp", context)
    return expand(exporter, suite, b"sec", b"channel key")

def unwrap(given, sender, recipient, place, wrapped):
    enc, sealed, tag = [bytes.fromhex(wrapped[part]) for part in ("epoch", "sealed", "tag")]
    with within("key"):
        channel = channel_key(given.secrets[recipient], enc, sender, recipient)
        key = b.xchacha(channel, struct.pack("<Q", place) + bytes(16), sealed + tag)
        require(key is not None, "unwrap", f"a key from {sender} for {recipient}")
    return key

def signed(party, data, prefix, key):
    good = b.verified(party.keys[key], data[-64:], prefix + data[:-64])
    require(good, "signature", f"not signed by {party.name}")

def not_stolen(party, key):
    require(party.cuts[key][1] == b.inf, "compromised", f"{key} of {party.name} was reported stolen")

# --- the judges, by form ----------------------------------------------------------------------------------------------

def entry(given):
    header, before = b.check_entry(given.bytes("entry"), given.parties), given.bytes("after", b"")
    b.follow(header, before and b.read("Header", before[:-64])[0], b.leaf(before) if before else bytes(32))

def body(given):
    header, _ = b.read("Header", given.bytes("entry")[:-64])
    b.open_body(header, given.bytes("key_hash") + given.bytes("ciphertext"), given.bytes("key"))

def card(given):
    fields = ("party", "signing", "sealing", "broker_user", "proof")
    cards = [{field: given.text(field + suffix) for field in fields} for suffix in ("", "_2")]
    register(card for card in cards if card["party"])

def token(given):
    data, by = given.bytes("token", None), given.text("opened_by")
    if data is None:
        text = given.text("text")
        encoded = text.removeprefix("tc1.")
        require(encoded != text and re.fullmatch("[A-Za-z0-9_-]*", encoded), "text", "not tc1. and base64url")
        require(len(encoded) <= 4096, "length", f"{len(encoded)} characters")
        data = base64.urlsafe_b64decode(encoded + "==")
        require(base64.urlsafe_b64encode(data).decode().rstrip("=") == encoded, "text", "unused bits are not zero")
    require(64 <= len(data) <= 2048, "length", f"{len(data)} bytes")
    with within("content"):
        content, _ = b.read("TokenContent", data[:-64])
    claims = content["claims"]
    require(content["version"] == 1, "version", content["version"])
    party, key = given.parties.get(claims["issuer"]), content["key_id"]
    require(party and key in party.keys, "unknown-key", f"{claims['issuer']} has no key {key}")
    signed(party, data, b"tongcha/consent/v1\0", key)
    not_stolen(party, key)
    if by is None:
        return
    require(by in content["keys"], "not-for-us", by)
    key = unwrap(given, claims["issuer"], by, 0, content["keys"][by])
    plain = b.xchacha(key, bytes(24), bytes.fromhex(content["subjects"]))
    require(b.key_hash_of(key).hex() == content["key_hash"] and plain is not None, "subjects", "they do not open")
    with within("content"):
        subjects, _ = b.read({"list": {"type": "Subject"}}, plain)
    good = len(subjects) <= 12 and not claims["subjects"] and not claims["others"]
    require(good, "subjects", "too many, or in the open")

def ask(given):
    sender, recipient = "zhuhai", given.text("at")
    with within("message"):
        sealed, _ = b.read("Ask", given.bytes("ask"), 16 * 1024)
    require(sealed["from"] == sender, "asker", sealed["from"])
    key = unwrap(given, sender, recipient, 0, sealed["key"])
    plain = b.xchacha(key, b"\1" + bytes(23), bytes.fromhex(sealed["sealed"]))
    require(plain is not None, "open", "the ask does not open")
    require(len(plain) >= 64, "length", f"{len(plain)} bytes")
    with within("message"):
        request, _ = b.read("LookupRequest", plain[:-64])
    require(request["version"] == 1, "version", request["version"])
    require(request["asker"]["party"] == sender, "asker", request["asker"]["party"])
    party = given.parties[sender]
    require(request["key_id"] == list(party.spans)[-1], "unknown-key", "not the key that the log has come to")
    not_stolen(party, request["key_id"])
    signed(party, plain, b"tongcha/lookup/v1\0", request["key_id"])
    require(request["holder"] == recipient, "holder", request["holder"])

def reply(given):
    data = given.bytes("reply")
    with within("message"):
        require(len(data) <= 64 * 1024, "too-long", f"{len(data)} bytes")
    plain = b.xchacha(given.bytes("key"), data[:24], data[24:]) if len(data) >= 24 else None
    require(plain is not None, "open", "the reply does not open")
    with within("message"):
        answer, _ = b.read("LookupReply", plain)
    require(answer["lookup"] == given.text("lookup"), "lookup", "an answer to another question")

def parcel(given):
    sender, recipient = given.text("from"), given.text("at")
    with within("parcel"):
        found, _ = b.read("Parcel", given.bytes("parcel"), 267264)
    [(way, content)] = found["body"].items() if isinstance(found["body"], dict) else [(found["body"], None)]
    sealed, wrapped = content if way == "Sealed" else (content, None)
    whole = bytes.fromhex(sealed["key_hash"] + sealed["ciphertext"]) if sealed else b""
    with within("entry"):
        header = b.check_entry(bytes.fromhex(found["entry"]), given.parties, whole)
    require(header["origin"] == sender, "origin", f"an entry of {header['origin']}")
    ours = recipient in header["audience"]
    require(ours or way == "NotAddressed", "body-unasked", f"a body that is not for {recipient}")
    missing = way == "NotAddressed" or way == "Lost" and header["kind"] in b.PUBLISHED
    require(not ours or not missing, "body-missing", f"a body for {recipient}")
    if sealed:
        key = unwrap(given, sender, recipient, header["seq"], wrapped) if wrapped else None
        with within("body"):
            b.open_body(header, whole, key) if key else b.check_body(header, whole)

def checkpoint(given):
    b.check_checkpoint(given.bytes("bytes", None) or given.text("note").encode(), "zhuhai", given.parties)

def receipt(given):
    data = given.bytes("bytes", None) or given.text("receipt").encode()
    require(len(data) <= 256 * 1024 + 2 * 4096 + 64 * 48, "too-long", f"{len(data)} bytes")
    proof, _, note = data.decode().partition("\n\n")
    found = re.fullmatch("c2sp.org/tlog-proof@v1\nextra ([^ \n]*)\nindex (0|[1-9][0-9]*)((\n[^\n]+)*)", proof)
    require(found, "form", "not a tlog-proof with an entry")
    data, index = b.from_base64(found[1], "form"), int(found[2])
    hashes = [b.from_base64(line, "form") for line in found[3].split()]
    with within("note"):
        b.read_note(note.encode())
    with within("entry"):
        require(64 <= len(data) <= 4096, "length", f"{len(data)} bytes")
        with within("header"):
            header, _ = b.read("Header", data[:-64])
    require(header["origin"] in given.parties, "party", header["origin"])
    with within("entry"):
        b.check_entry(data, given.parties)
    with within("checkpoint"):
        size, root, *_ = b.check_checkpoint(note.encode(), header["origin"], given.parties)
    require(header["seq"] == index, "position", f"entry {header['seq']} at {index}")
    require(index < size, "proof/index", f"{index} of {size}")
    node, last = b.leaf(data), size - 1
    for other in hashes:  # RFC 9162, 2.1.3.2
        require(last > 0, "proof/length", "a hash too many")
        left = index % 2 == 1 or index == last
        node = sha256(b"\1", other, node) if left else sha256(b"\1", node, other)
        while left and index % 2 == 0 and index:
            index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1
    require(last == 0, "proof/length", "a hash too few")
    require(node == root, "proof/root", "another root")

def frame(given):
    try:
        b.read_frame(given.bytes("frame"))
    except Refused as refused:
        require(not refused.args[0].startswith("damaged"), "damaged", refused.args[0])  # however it is damaged
        raise

def keys(given):
    """One of the other forms, with rooted cards, after a log and after statements known from elsewhere."""
    cards = {name: party["card" if name == "hengqin" else "rooted_card"] for name, party in given.of_all.items()}
    given.parties = register(cards.values())
    zhuhai, data, log, before, head = given.parties["zhuhai"], given.bytes("log", b""), [], None, bytes(32)

    def follow(data, sealed):
        header = b.check_entry(data, given.parties, sealed)
        b.follow(header, before, head)
        zhuhai.take(header, sealed)
        return header
    while data:
        read, sealed, length = b.read_frame(data)
        before, head, data = follow(read, sealed), b.leaf(read), data[length:]
    for text in (given.text("known") or "").split():
        statement(given, text)
    if given.text("statement"):
        statement(given, given.text("statement"))
    elif given.text("card"):
        try:
            register([json.loads(given.text("card"))])
        except Refused as refused:
            raise Refused(refused.args[0].split("/")[0], *refused.args[1:]) from None
    elif given.text("key"):
        body(given)
    elif given.text("entry"):
        follow(given.bytes("entry"), given.bytes("key_hash", b"") + given.bytes("ciphertext", b""))
    elif given.text("note"):
        size, _, signer, *_ = b.check_checkpoint(given.text("note").encode(), "zhuhai", given.parties)
        zhuhai.check_valid(signer, size - 1)
    else:
        given.input |= {"text": given.input.pop("token", None)}
        (receipt if given.text("receipt") else token if given.text("text") else ask)(given)

def statement(given, text):
    with within("text"):
        encoded = text.removeprefix("tk1.")
        require(encoded != text and re.fullmatch("[A-Za-z0-9_-]{0,1024}", encoded), "form", "not tk1. and base64url")
        data = base64.urlsafe_b64decode(encoded + "==")
        require(base64.urlsafe_b64encode(data).decode().rstrip("=") == encoded, "form", "unused bits are not zero")
        party = b.read("SignedStatement", data, 512)[0]["statement"]["party"]
    require(party in given.parties, "party", party)
    given.parties[party].take_up(*given.parties[party].opened(data))

def note_file(given):
    """The whole slot with the higher turn counts."""
    found = []
    for slot in (given.bytes("even"), given.bytes("odd")):
        turn, length, crc = struct.unpack("<QII", slot[:16])
        if turn and crc == zlib.crc32(slot[:8] + slot[16:16 + length]):
            found.append((turn, slot[16:16 + length].decode()))
    require(found, "none", "two torn slots")
    require("{} {}".format(*max(found)) == given.text("note"), "another", "the other slot counts")

JUDGES = {"entry": entry, "body": body, "card": card, "token": token, "ask": ask, "reply": reply, "parcel": parcel,
          "checkpoint": checkpoint, "receipt": receipt, "note-file": note_file, "keys": keys,
          "frame": frame, "slot": lambda given: read_slot(given.bytes("slot"))}

# --- the run ----------------------------------------------------------------------------------------------------------

class Given:
    """The input of a case: texts, and bytes in hexadecimal or as `00*4097`; and the parties of all vectors."""

    def __init__(self, parties, given):
        self.parties = register(party["card"] for party in parties.values())
        self.secrets = {name: bytes.fromhex(party["sealing_seed"]) for name, party in parties.items()}
        self.input, self.of_all = given, parties

    def text(self, name):
        return self.input.get(name)

    def bytes(self, name, default=...):
        text = self.input.get(name) if default is not ... else self.input[name]
        if text is None:
            return default
        return bytes.fromhex(text[:2]) * int(text[3:]) if text[2:3] == "*" else bytes.fromhex(text)

def verdict(judge, given):
    try:
        judge(given)
        return "valid"
    except Refused as refused:
        return refused.args[0]

def check_vectors():
    vectors = {path.stem: json.loads(path.read_text()) for path in (b.SCHEMAS / "vectors").glob("*.json")}
    parties, bodies = vectors.pop("parties"), vectors.pop("bodies")
    said, idle = [], set(NOT_JUDGED)
    for form, judge in JUDGES.items():
        require(form in vectors, "form", f"{form} has a judge in vectors.py and no file")
    for form in sorted(vectors):
        judge, cases = JUDGES.get(form), vectors[form]["cases"]
        known = judge or form in NOT_JUDGED
        require(known, "form", f"{form} is not known: add it to JUDGES or NOT_JUDGED of vectors.py")
        require(not judge or form not in NOT_JUDGED, "form", f"{form} has a judge and is in NOT_JUDGED of vectors.py")
        idle.discard(form)
        left = 0
        for case in cases if judge else []:
            found, expected = verdict(judge, Given(parties, case["input"])), case["verdict"]
            if (form, expected) in NOT_JUDGED and found == "valid":
                idle.discard((form, expected))
                left += 1
            else:
                require(found == expected, "verdict", f"{form}: {case['name']}: {found}, not {expected}")
        said.append(f"{form}: {len(cases) - left if judge else 0} of {len(cases)} judged")
    require(not idle, "form", f"in NOT_JUDGED of vectors.py, and judged or gone: {idle}")
    modules = messages()
    for name, part in (("Body", "bodies"), ("ExportedEntry", "exported")):
        for what, forms in bodies[part].items():
            with within(where=f"{part}: {what}"):
                value, _ = b.read(name, bytes.fromhex(forms["postcard"]))
                check_forms(name, value, bytes.fromhex(forms["protobuf"]), forms["json"], modules)
        said.append(f"{part}: {len(bodies[part])} in three forms")
    return said

if __name__ == "__main__":
    sys.exit(b.report(check_vectors) if len(sys.argv) == 1 else print(__doc__) or 2)
