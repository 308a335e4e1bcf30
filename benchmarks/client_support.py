"""Distil what mail programs leave out into content/preflight/clients.json.

    npm install caniemail@1.0.5
    .venv/bin/python -m benchmarks.client_support node_modules/caniemail

Of each feature only this is kept: how it is recognised in a letter (`keys`), and which of the major
mail programs leave it out in their newest version that was tested.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

OUT = Path(__file__).resolve().parent.parent / "content" / "preflight" / "clients.json"
CLIENTS = {
    "gmail.desktop-webmail": "Gmail (web)",
    "gmail.android": "Gmail (Android)",
    "gmail.ios": "Gmail (iOS)",
    "outlook.windows": "Outlook (Windows)",
    "outlook.macos": "Outlook (Mac)",
    "outlook.outlook-com": "Outlook.com",
    "outlook.ios": "Outlook (iOS)",
    "outlook.android": "Outlook (Android)",
    "apple-mail.macos": "Apple Mail (Mac)",
    "apple-mail.ios": "Apple Mail (iOS)",
    "yahoo.desktop-webmail": "Yahoo Mail",
    "samsung-email.android": "Samsung Email",
    "thunderbird.macos": "Thunderbird",
}
# Titles that say in words what the others say by their form.
SPECIAL = {
    "css-variables": ["function:var"],
    "css-modern-color": ["function:lch", "function:oklch", "function:lab", "function:oklab"],
    "css-unit-calc": ["function:calc"],
    "css-at-media": [],  # a program without it shows our letters as they are
    "css-intrinsic-size": [],  # a value: what uses it falls back to the plain size
    "css-sytem-ui": [],  # a font: the next one of the list is taken
    "css-pseudo-class-lang": ["pseudo:lang"],
    "css-left-right-top-bottom": ["property:left", "property:right", "property:top"],
    "html-image-maps": ["element:map"],
    "html-svg": ["element:svg"],
    "html-srcset": ["attribute:srcset"],
    "image-base64": ["image:data"],
    "image-mp4": ["image:mp4"],
    "image-heif": ["image:heif", "image:heic"],
}


def keys_of(feature: dict[str, Any]) -> list[str]:
    """How a letter shows that it uses a feature; nothing where it cannot be told simply."""
    slug, title = feature["slug"], feature["title"]
    if slug in SPECIAL:
        return SPECIAL[slug]
    if feature["category"] == "image":
        return [f"image:{slug.removeprefix('image-')}"]
    return html_keys(title) if feature["category"] == "html" else css_keys(title)


def html_keys(title: str) -> list[str]:
    if found := re.match(r"<(\w+)", title):
        return [f"element:{found[1]}"]
    found = re.fullmatch(r"([a-z-]+) attribute", title)
    return [f"attribute:{found[1]}"] if found else []


def css_keys(title: str) -> list[str]:
    if found := re.match(r"@media \((?!-webkit)([a-z-]+)", title):
        return [f"media:{found[1]}"]
    if found := re.fullmatch(r"@([a-z-]+)", title):
        return [f"at:{found[1]}"]
    if found := re.fullmatch(r"::?([a-z-]+)(?:\(\))?", title):
        return [f"pseudo:{found[1]}"]
    if found := re.fullmatch(r"([a-z-]+)\(\)", title):
        return [f"function:{found[1]}"]
    if found := re.fullmatch(r"([a-z]+) unit", title):
        return [] if found[1] == "initial" else [f"unit:{found[1]}"]
    if found := re.fullmatch(r"([a-z-]+): ?([a-z-]+)", title):
        return [f"declaration:{found[1]}={found[2]}"]
    names = re.split(r",| & ", re.sub(r" (property|properties|shorthand)$", "", title.strip()))
    plain = [name.strip() for name in names]
    return [f"property:{name}" for name in plain if re.fullmatch(r"[a-z-]+", name)]


def left_out_by(feature: dict[str, Any]) -> list[str]:
    """The major programs whose newest tested version does not have it at all."""
    missing = []
    for client in CLIENTS:
        family, platform = client.split(".")
        versions = feature["stats"].get(family, {}).get(platform, {})
        if versions and newest(versions).startswith("n"):
            missing.append(client)
    return missing


def newest(versions: dict[str, str]) -> str:
    return versions[max(versions, key=lambda v: [int(n) for n in re.findall(r"\d+", v)])]


def main(package: Path) -> None:
    data = json.loads((package / "data" / "caniemail.json").read_text(encoding="utf-8"))
    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    features = {
        feature["slug"]: {
            "title": feature["title"].strip(),
            "keys": keys_of(feature),
            "left_out_by": left_out_by(feature),
        }
        for feature in data["data"]
        if feature["category"] != "others"
    }
    told = {
        "source": f"caniemail.com, by way of the package caniemail {version}",
        "updated": data["last_update_date"][:10],
        "licence": "MIT, Copyright (c) 2019 HTeuMeuLeu; see THIRD_PARTY.md",
        "clients": CLIENTS,
        "features": {s: f for s, f in features.items() if f["keys"] and f["left_out_by"]},
    }
    OUT.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(told['features'])} features of {len(features)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
