"""Signatures by SSH keys over a bundle's manifest, in the form of `ssh-keygen -Y sign` (OpenSSH's PROTOCOL.sshsig).

Signing is left to ssh-keygen, which knows agents, passphrases and hardware keys; checking is done here, because a
machine that is kept apart, or a container, may have no OpenSSH. Either side works with ssh-keygen alone, too.
"""

import base64
import binascii
import hashlib
import re
import shutil
import struct
import subprocess
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from models.contracts import InstallError, Untrusted

NAMESPACE = "dragoman-models"
_MAGIC = b"SSHSIG"
_ARMOUR = re.compile(r"-----BEGIN SSH SIGNATURE-----\s(.*?)\s-----END SSH SIGNATURE-----", re.DOTALL)
_HASHES = {b"sha512": hashlib.sha512, b"sha256": hashlib.sha256}
_RSA = {b"rsa-sha2-512": hashes.SHA512(), b"rsa-sha2-256": hashes.SHA256()}
_CURVES = {"secp256r1": hashes.SHA256(), "secp384r1": hashes.SHA384(), "secp521r1": hashes.SHA512()}


def sign(file: Path, key: Path) -> Path:
    """Writes the signature beside `file`; ssh-keygen may ask for a passphrase. Raises InstallError."""
    program = shutil.which("ssh-keygen")
    if program is None:
        raise InstallError("Signing needs ssh-keygen (OpenSSH), which is not on this machine.")
    done = subprocess.run(  # noqa: S603  its own full path
        [program, "-q", "-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(file)],
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise InstallError(
            f"ssh-keygen did not sign with {key}: {done.stderr.decode(errors='replace').strip()}"
        )
    return file.with_name(f"{file.name}.sig")


def verify(message: bytes, signature: str, trusted: Path) -> str:
    """The fingerprint of the key of `trusted` (public keys, one a line) that signed. Raises Untrusted."""
    blob, signed, parts = _parse(message, signature)
    keys = _keys(trusted)
    if blob not in keys:
        raise Untrusted(
            f"The bundle is signed by {fingerprint(blob)}, which is not in {trusted}. It is refused."
        )
    try:
        _check(keys[blob], signed, *parts)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, KeyError) as error:
        raise Untrusted("The bundle's signature is not of its manifest. It is refused.") from error
    return fingerprint(blob)


def signer(signature: str) -> str:
    """The fingerprint that a signature bears, whether it is true or not."""
    return fingerprint(_parse(b"", signature)[0])


def fingerprint(blob: bytes) -> str:
    return f"SHA256:{base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip('=')}"


def _parse(message: bytes, signature: str) -> tuple[bytes, bytes, tuple[bytes, bytes]]:
    """The signer's key, the bytes that it signed, and the kind and value of the signature."""
    armoured = _ARMOUR.search(signature)
    try:
        raw = base64.b64decode("".join((armoured[1] if armoured else "").split()), validate=True)
        key, namespace, reserved, algorithm, value = _fields(raw)
        digest = _HASHES[algorithm](message).digest()
        kind, content = _strings(value, 2)
    except (ValueError, KeyError, struct.error, binascii.Error) as error:
        raise Untrusted(
            "The bundle's signature is none of an SSH key for a bundle of models. It is refused."
        ) from error
    parts = (namespace, reserved, algorithm, digest)
    signed = _MAGIC + b"".join(struct.pack(">I", len(each)) + each for each in parts)
    return key, signed, (kind, content)


def _fields(raw: bytes) -> list[bytes]:
    """Public key, namespace, reserved, hash algorithm and signature."""
    found = _strings(raw[10:], 5)
    if raw[:10] != _MAGIC + struct.pack(">I", 1) or found[1] != NAMESPACE.encode():
        raise ValueError("not SSHSIG 1, or for another purpose")
    return found


def _strings(data: bytes, count: int) -> list[bytes]:
    """So many strings with their lengths before them, and nothing after."""
    found, at = [], 0
    for _ in range(count):
        (size,) = struct.unpack_from(">I", data, at)
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    if at != len(data):
        raise ValueError("bytes are missing, or left over")
    return found


def _keys(trusted: Path) -> dict[bytes, bytes]:
    """Key blob to a line that the library reads; in authorized_keys', allowed_signers' or a .pub file's form."""
    found: dict[bytes, bytes] = {}
    for line in trusted.read_text(encoding="utf-8").splitlines():
        words = line.split()
        at = next((at for at, word in enumerate(words) if word.startswith(("ssh-", "ecdsa-"))), None)
        if at is not None and at + 1 < len(words) and not line.startswith("#"):
            found[base64.b64decode(words[at + 1])] = f"{words[at]} {words[at + 1]}".encode()
    if not found:
        raise InstallError(f"{trusted} holds no SSH public key.")
    return found


def _check(line: bytes, signed: bytes, kind: bytes, value: bytes) -> None:
    key = load_ssh_public_key(line)
    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(value, signed)
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(value, signed, padding.PKCS1v15(), _RSA[kind])
    elif isinstance(key, ec.EllipticCurvePublicKey):
        first, second = (int.from_bytes(each) for each in _strings(value, 2))
        key.verify(encode_dss_signature(first, second), signed, ec.ECDSA(_CURVES[key.curve.name]))
    else:
        raise UnsupportedAlgorithm("an SSH key of a kind that is not checked here")
