#!/usr/bin/env python3
"""Verifies the logs of an exported bundle, written from proto-schemas/v1/format.md alone.

Usage: verify_log.py BUNDLE [CARDS]     Exit code 0: all is well; 1: a finding, named on stdout; 2: wrong usage.

Checks, for every log that has a checkpoint: the log's signature and every cosignature (C2SP signed-note,
tlog-checkpoint, tlog-cosignature v1), the entries' signatures, canonical headers, chain, clock and audience, the leaves
against the hash tiles, the Merkle root (RFC 6962), the digests of the sealed bodies that are here. It opens no body.

Needs Python 3.11 and the package `cryptography`. Its Ed25519 is OpenSSL's, which is less strict than section 2 asks for:
this program shows that the published text is enough to check a log, it does not replace the strict verifier.
"""

import base64
import hashlib
import sys
import tomllib
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ENTRY_MAX = 4096
TILE = 256


class Finding(Exception):
    """What is wrong, in words."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def verified(public, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        return True
    except InvalidSignature:
        return False


# --- section 1: postcard, read strictly -----------------------------------------------------------------------------


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        part = self.data[self.at:self.at + count]
        if len(part) < count:
            raise Finding("the header ends too early")
        self.at += count
        return part

    def unsigned(self, bits):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                if (byte == 0 and shift > 0) or value >= 1 << bits:
                    raise Finding("a number is not in its one form")
                return value
            shift += 7
            if shift > bits:
                raise Finding("a number is too long")

    def signed(self):
        value = self.unsigned(64)
        return value >> 1 if value % 2 == 0 else -(value >> 1) - 1

    def text(self):
        return self.take(self.unsigned(32)).decode("ascii")

    def party(self):
        name = self.text()
        if not (1 <= len(name) <= 16 and name.isalpha() and name.islower()):
            raise Finding("a party's name is not one")
        return name

    def ascending(self, read, key=lambda item: item):
        items = [read() for _ in range(self.unsigned(32))]
        keys = [key(item) for item in items]
        if any(a >= b for a, b in zip(keys, keys[1:])):
            raise Finding("a set or map is not in ascending order")
        return items


def header(data):
    """Section 3."""
    r = Reader(data)
    found = {
        "version": r.take(1)[0],
        "origin": r.party(),
        "seq": r.unsigned(64),
        "prev": r.take(32),
        "recorded_at": r.signed(),
        "key_id": r.take(8),
        "kind": r.unsigned(32),
        "audience": r.ascending(r.party),
        "body_digest": r.take(32),
        "body_len": r.unsigned(32),
        "seen": dict(r.ascending(lambda: (r.party(), r.unsigned(64)), key=lambda item: item[0])),
    }
    if r.at != len(data):
        raise Finding("bytes follow the header")
    if found["version"] != 1:
        raise Finding("a version that is not known")
    return found


# --- section 10: notes, checkpoints, tiles --------------------------------------------------------------------------


def note_key(name, kind, public):
    return sha256(name.encode(), b"\n", bytes([kind]), public)[:4]


def read_note(text):
    body, _, lines = text.rpartition("\n\n")
    signatures = []
    for line in lines.splitlines():
        dash, name, blob = line.split(" ")
        if dash != "—":
            raise Finding("a signature line is not one")
        blob = base64.b64decode(blob, validate=True)
        signatures.append((name, blob[:4], blob[4:]))
    return body + "\n", signatures


def checkpoint(party, text, cards):
    """Returns size, root and who has cosigned."""
    body, signatures = read_note(text)
    origin, size, root = body.splitlines()[:3]
    name = f"tongcha.example/{party}/log/v1"
    public = cards[party]
    signed = [s for n, key, s in signatures if (n, key) == (name, note_key(name, 1, public))]
    if origin != name or not signed or not all(verified(public, s, body.encode()) for s in signed):
        raise Finding("the checkpoint is not signed by its log")
    cosigned = []
    for witness, public in cards.items():
        name = f"tongcha.example/{witness}/witness/v1"
        for n, key, signature in signatures:
            if witness == party or (n, key) != (name, note_key(name, 4, public)):
                continue
            time = int.from_bytes(signature[:8], "big")
            message = f"cosignature/v1\ntime {time}\n{body}".encode()
            if not verified(public, signature[8:], message):
                raise Finding(f"the cosignature of {witness} does not verify")
            cosigned.append(witness)
    return int(size), base64.b64decode(root, validate=True), sorted(set(cosigned))


def merkle(leaves):
    if not leaves:
        return sha256()
    row = leaves
    while len(row) > 1:
        pairs = [sha256(b"\x01", a, b) for a, b in zip(row[::2], row[1::2])]
        row = pairs + (row[-1:] if len(row) % 2 else [])
    return row[0]


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


def verify_log(base, party, cards, holder):
    size, root, cosigned = checkpoint(party, (base / "checkpoint").read_text(), cards)
    public = cards[party]
    key_id = sha256(b"tongcha/key-id/v1\0", public)[:8]
    leaves, previous, clock, bodies = [], bytes(32), None, 0
    for index in range((size + TILE - 1) // TILE):
        path, width = tile(base / "tile" / "entries", index, size)
        entries = prefixed(path.read_bytes(), width, 2)
        sealed = prefixed(tile(base / "bodies", index, size)[0].read_bytes(), width, 4)
        first = len(leaves)
        for entry, body in zip(entries, sealed):
            seq = len(leaves)
            where = f"entry {seq} of {party}"
            if not 64 < len(entry) <= ENTRY_MAX:
                raise Finding(f"{where}: its length")
            if not verified(public, entry[-64:], b"tongcha/event/v1\0" + entry[:-64]):
                raise Finding(f"{where}: its signature")
            h = header(entry[:-64])
            if (h["origin"], h["seq"], h["prev"], h["key_id"]) != (party, seq, previous, key_id):
                raise Finding(f"{where}: its place in the chain")
            if clock is not None and h["recorded_at"] < clock:
                raise Finding(f"{where}: the clock ran backwards")
            if party not in h["audience"]:
                raise Finding(f"{where}: the audience lacks the origin")
            if bool(body) != (holder in h["audience"]):
                raise Finding(f"{where}: a body is missing, or not for {holder}")
            if body:
                key_hash, ciphertext = body[:32], body[32:]
                if len(ciphertext) != h["body_len"] or h["body_digest"] != sha256(b"tongcha/body/v1\0", key_hash, ciphertext):
                    raise Finding(f"{where}: its body")
                bodies += 1
            previous, clock = sha256(b"\x00", entry), h["recorded_at"]
            leaves.append(previous)
        if tile(base / "tile" / "0", index, size)[0].read_bytes() != b"".join(leaves[first:]):
            raise Finding(f"hash tile {index} of {party} is not that of its entries")
    if merkle(leaves) != root:
        raise Finding(f"the root of {party} is not the one its checkpoint has")
    return f"{party}: {size} entries, {bodies} bodies, root and chain good, witnessed by {' and '.join(cosigned) or 'nobody'}"


def main(arguments):
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    bundle = Path(arguments[0])
    cards_dir = Path(arguments[1]) if len(arguments) == 2 else bundle / "cards"
    found = [tomllib.loads(card.read_text()) for card in sorted(cards_dir.glob("*.toml"))]
    cards = {card["party"]: bytes.fromhex(card["signing"]) for card in found}
    holder = tomllib.loads((bundle / "bundle.toml").read_text())["party"]
    logs = [party for party in cards if (bundle / party / "checkpoint").exists()]
    if not logs:
        print("FINDING: the bundle has no log with a checkpoint")
        return 1
    for party in logs:
        try:
            print(verify_log(bundle / party, party, cards, holder))
        except (Finding, ValueError, OSError, IndexError) as finding:
            print(f"FINDING: log of {party}: {finding}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
