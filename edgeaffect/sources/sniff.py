"""What a file is, by its first bytes; names may lie or be missing."""

from __future__ import annotations

HEAD_BYTES = 4096
"""How much of a file's beginning `kind_of` wants to see."""

_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"mif2")
_AVIF_BRANDS = (b"avif", b"avis")
_SOUND_BRANDS = (b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B ")
_JPEG2000 = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_PICTURES = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (_JPEG2000, "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"\xff\x0a", "jxl"),
    (b"\x00\x00\x00\x0cJXL ", "jxl"),
    (b"v/1\x01", "exr"),
    (b"#?RADIANCE", "hdr"),
)
_SOUNDS = (b"ID3", b"fLaC", b"#!AMR", b"caff", b"MAC ", b"wvpk", b".snd", b"MThd")
_DOCUMENTS = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x00\x05\x16\x07", "a resource fork of macOS"),
)


def kind_of(head: bytes) -> tuple[str, str]:
    """What begins like this, as (kind, format).

    Kinds: `picture`, `video`, `sound`, `playlist`, `page` (HTML), `other` (something known that holds no picture), and
    `unknown`. Formats: `jpeg`, `heic`, ...; for `other`, words for a message.
    """
    for magic, name in _PICTURES:
        if head.startswith(magic):
            return "picture", name
    for words in (_riff, _isobmff, _bitmap, _sound):
        found = words(head)
        if found is not None:
            return found
    if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"#EXTM3U"):
        return "playlist", "m3u8"
    start = head[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if b"<mpd" in head[:HEAD_BYTES].lower() and start.startswith(b"<"):
        return "playlist", "mpd"
    if start.startswith((b"<!doctype html", b"<html")):
        return "page", "html"
    for magic, name in _DOCUMENTS:
        if head.startswith(magic):
            return "other", name
    return _video(head)


def _riff(head: bytes) -> tuple[str, str] | None:
    if head[:4] == b"RIFF" or head[:4] == b"RF64":
        return {b"WEBP": ("picture", "webp"), b"AVI ": ("video", "avi"), b"WAVE": ("sound", "wav")}.get(head[8:12])
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "sound", "aiff"
    return None


def _isobmff(head: bytes) -> tuple[str, str] | None:
    if head[4:8] in (b"moov", b"mdat", b"wide", b"skip", b"free", b"pnot"):
        return "video", "mov"
    if head[4:8] != b"ftyp":
        return None
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size, 4))]
    if brands[0] in _AVIF_BRANDS or (brands[0] in (b"mif1", b"msf1") and any(b in _AVIF_BRANDS for b in brands)):
        return "picture", "avif"
    if brands[0] in _HEIC_BRANDS:
        return "picture", "heic"
    if brands[0] == b"crx ":
        return "other", "a camera's raw file"
    return ("sound", "m4a") if brands[0] in _SOUND_BRANDS else ("video", "mp4")


def _bitmap(head: bytes) -> tuple[str, str] | None:
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "picture", "gif"
    if (
        head[:2] == b"BM"
        and len(head) >= 18
        and int.from_bytes(head[14:18], "little") in (12, 16, 40, 52, 56, 64, 108, 124)
    ):
        return "picture", "bmp"
    if len(head) > 2 and head[:1] == b"P" and head[1:2] in b"1234567" and head[2:3] in b" \t\r\n":
        return "picture", "pnm"
    if head[:3] in (b"PF\n", b"Pf\n"):
        return "picture", "pfm"
    return None


def _sound(head: bytes) -> tuple[str, str] | None:
    if head.startswith(_SOUNDS):
        return "sound", "sound"
    if head[:4] == b"OggS":
        page = head[:512]
        is_film = b"theora" in page or b"Skeleton" in page or b"fishead" in page or b"video" in page
        return ("video", "ogg") if is_film else ("sound", "ogg")
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] != 0xFF and head[1] & 0x18 != 0x08:
        layer, rate, frequency = head[1] & 0x06, head[2] >> 4, head[2] >> 2 & 3
        if (layer and rate not in (0, 15) and frequency != 3) or head[1] & 0xF6 == 0xF0:  # MPEG audio; ADTS
            return "sound", "mp3"
    return None


def _video(head: bytes) -> tuple[str, str]:
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video", "mkv"
    if head[:4] in (b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3"):
        return "video", "mpeg"
    if head[:1] == b"\x47" and len(head) > 376 and head[188] == 0x47 and head[376] == 0x47:
        return "video", "ts"
    if len(head) > 388 and head[4] == 0x47 and head[196] == 0x47 and head[388] == 0x47:
        return "video", "ts"
    if head[:3] == b"FLV" or head[:4] == b"\x30\x26\xb2\x75" or head[:8] == b"YUV4MPEG":
        return "video", "video"
    return "unknown", ""
