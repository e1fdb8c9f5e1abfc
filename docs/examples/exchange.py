"""A share vault's formats in Python: what a backend in another language has to do.

Needs the package `cryptography`. docs/formats.md describes each format. How a request reaches the vault is left out: it is
the payload of a Lambda invocation. Import the functions below, or run the file as a program.
"""

import hashlib
import hmac
import json
import sys
import time
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timezone
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.serialization import load_pem_public_key

FIELDS = {
    "delegatedShare": "delegated_share",
    "walletApiKey": "wallet_api_key",
    "serverKeyShares": "server_key_shares",
}
OAEP = padding.OAEP(mgf=padding.MGF1(SHA256()), algorithm=SHA256(), label=None)
TAG_BYTES = 16


def b64(data):
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def compact(value):
    """JSON without blanks, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


# To the vault


def seal_request(environment, intake_key, kind, wallet, materials):
    """The payload of `seal`. A retry sends the same bytes; another call makes them anew."""
    encrypted = {
        name: inbound_jwe(environment, intake_key, kind, FIELDS[name], wallet, material)
        for name, material in materials.items()
    }
    return {"kind": kind, **wallet, "materials": encrypted}


def inbound_jwe(environment, intake_key, kind, field, wallet, material):
    header = {
        "alg": "RSA-OAEP-256",
        "enc": "A256GCM",
        "typ": "share-vault-in",
        "kid": intake_key["kid"],
        "env": environment,
        "kind": kind,
        "field": field,
        "walletId": wallet["walletId"],
        "userId": wallet.get("userId", ""),
        "chain": wallet["chain"],
        "iat": int(time.time()),
        "jti": str(uuid.uuid4()),
    }
    protected = b64(compact(header))
    content_key, iv = token_bytes(32), token_bytes(12)
    encrypted_key = load_pem_public_key(intake_key["pem"].encode()).encrypt(content_key, OAEP)
    sealed = AESGCM(content_key).encrypt(iv, material, protected.encode())
    return ".".join([protected, *map(b64, [encrypted_key, iv, sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]])])


# From the vault


class Unseal:
    """One unseal: its key pair and its random value are used for one request only."""

    def __init__(self, environment, kind, wallet, reason):
        self.environment, self.wallet = environment, wallet
        self.private_key = ec.generate_private_key(ec.SECP256R1())
        numbers = self.private_key.public_key().public_numbers()
        x, y = (b64(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        recipient = {"crv": "P-256", "kty": "EC", "x": x, "y": y}
        # RFC 7638: these members in this order, without blanks
        self.thumbprint = b64(hashlib.sha256(compact(recipient)).digest())
        self.request = {
            "kind": kind,
            **wallet,
            "recipient": recipient,
            "req": b64(token_bytes(16)),
            "reason": reason,
        }

    def open(self, response):
        """The materials of the vault's response. Refuses a response to another request."""
        if response["kind"] != self.request["kind"]:
            raise ValueError("expected the requested kind, got another")
        return {name: self.open_jwe(jwe, FIELDS[name], response["recordId"]) for name, jwe in response["materials"].items()}

    def open_jwe(self, jwe, field, record):
        protected, encrypted_key, iv, ciphertext, tag = jwe.split(".")
        header = json.loads(unb64(protected))
        epk = header.pop("epk")
        expected = {
            "alg": "ECDH-ES",
            "enc": "A256GCM",
            "typ": "share-vault-out",
            "kid": self.thumbprint,
            "env": self.environment,
            "record": record,
            "field": field,
            "walletId": self.wallet["walletId"],
            "chain": self.wallet["chain"],
            "req": self.request["req"],
        }
        if header != expected or encrypted_key != "":
            raise ValueError(f"{field}: expected the header of this request, got another")
        content_key = self.agree(epk)
        return AESGCM(content_key).decrypt(unb64(iv), unb64(ciphertext) + unb64(tag), protected.encode())

    def agree(self, epk):
        """RFC 7518, 4.6: ECDH, then the Concat KDF with the algorithm's name, no parties, and 256 bits."""
        if epk.keys() != {"kty", "crv", "x", "y"} or epk["crv"] != "P-256":
            raise ValueError("epk: expected a P-256 key, got another")
        x, y = (int.from_bytes(unb64(epk[name]), "big") for name in ("x", "y"))
        peer = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        info = length_first(b"A256GCM") + length_first(b"") + length_first(b"") + (256).to_bytes(4, "big")
        return ConcatKDFHash(SHA256(), 32, info).derive(self.private_key.exchange(ec.ECDH(), peer))


# The access log

COLUMNS = {
    "wallet_id": "walletId",
    "chain": "chain",
    "sequence": "sequence",
    "at": "at",
    "action": "action",
    "outcome": "outcome",
    "actor": "actor",
    "request_id": "requestId",
    "record_id": "recordId",
    "reason": "reason",
}


def length_first(data):
    return len(data).to_bytes(4, "big") + data


def verify_log(wallet, entries, head):
    """Raises unless the rows are the whole log that ends in the head."""
    previous = "00" * 32
    for number, entry in enumerate(entries, start=1):
        row = {**wallet, **entry}
        present = [(column, str(row[name])) for column, name in COLUMNS.items() if name in row]
        text = b"".join(length_first(part.encode()) for pair in present for part in pair)
        digest = hashlib.sha256(bytes.fromhex(previous) + text).hexdigest()
        if (row["sequence"], row["previousHash"], row["hash"]) != (number, previous, digest):
            raise ValueError(f"expected row {number} to fit the chain, got another")
        previous = digest
    if (len(entries), previous) != (head["length"], head["head"]):
        raise ValueError("expected the head of these rows, got another")


# A delivery as Dynamic sends it, to test a vault


def delivery(webhook_key, secret, wallet, materials):
    """The body of a `wallet.delegation.created`, and its signature's header."""
    body = compact(
        {
            "eventId": str(uuid.uuid4()),
            "messageId": str(uuid.uuid4()),
            "eventName": "wallet.delegation.created",
            "timestamp": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "data": {
                **wallet,
                "encryptedDelegatedShare": envelope(webhook_key, materials["delegatedShare"]),
                "encryptedWalletApiKey": envelope(webhook_key, materials["walletApiKey"]),
            },
        }
    )
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return body, {"x-dynamic-signature-256": f"sha256={signature}"}


def envelope(webhook_key, material):
    content_key, iv = token_bytes(32), token_bytes(16)
    sealed = AESGCM(content_key).encrypt(iv, material, None)
    encrypted_key = load_pem_public_key(webhook_key["pem"].encode()).encrypt(content_key, OAEP)
    parts = {"iv": iv, "ct": sealed[:-TAG_BYTES], "tag": sealed[-TAG_BYTES:], "ek": encrypted_key}
    encoded = {name: b64(part) for name, part in parts.items()}
    return {"alg": "HYBRID-RSA-AES-256", **encoded, "kid": webhook_key["kid"]}


# Lines of JSON, in which materials are base64url

USAGE = """usage: python3 exchange.py - < CALLS

Reads a call from each line, and writes its result as a line of JSON. A call is {"call": NAME, "with": ARGUMENTS}:

  seal        environment, intake_key {kid, pem}, kind, wallet {walletId, chain, userId}, materials
  unseal      environment, kind, wallet, reason
  open        response: the vault's response to the request that the last unseal printed
  verify_log  wallet, entries, head: of the vault's responses to the actions log and head
  delivery    webhook_key {kid, pem}, secret, wallet, materials

Materials are in base64url. seal and unseal print requests, which are payloads for the functions of these names.
docs/formats.md describes them."""


def main():
    if sys.argv[1:] != ["-"]:
        sys.exit(USAGE)
    unseal = None
    for line in sys.stdin:
        call = json.loads(line)
        name, arguments = call["call"], call["with"]
        if "materials" in arguments:
            arguments["materials"] = {key: unb64(text) for key, text in arguments["materials"].items()}
        if name == "seal":
            result = seal_request(**arguments)
        elif name == "unseal":
            unseal = Unseal(**arguments)
            result = unseal.request
        elif name == "open":
            result = attempt(lambda: {key: b64(data) for key, data in unseal.open(**arguments).items()})
        elif name == "verify_log":
            result = attempt(lambda: verify_log(**arguments))
        elif name == "delivery":
            body, headers = delivery(**arguments)
            result = {"body": body.decode(), "headers": headers}
        else:
            raise ValueError("expected a known call, got another")
        print(json.dumps(result), flush=True)


def attempt(act):
    """The result, or what was wrong."""
    try:
        return {"result": act()}
    except (ValueError, InvalidTag) as error:
        return {"refused": str(error) or "a ciphertext that does not open"}


if __name__ == "__main__":
    main()
