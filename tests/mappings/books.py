"""A small sound book as files, to be broken one line at a time."""

from pathlib import Path

SOUND = {
    "systems.yaml": """\
systems:
  crm: {role: crm, connector: salesforce, write: on}
  erp: {role: erp, connector: tryton}
guards: {creates: 0.2}
promises: {early_account: 5d}
""",
    "account/fields.yaml": """\
entity: account
fields:
  name: {type: text, means: The name., length: 80}
  stage: {type: choice, means: The stage., choices: [open, won]}
  country: {type: country, means: The country.}
  phone: {type: phone, means: The number., class: personal}
  address: {type: address, means: The address.}
  terms: {type: code, means: The terms.}
  limit: {type: money, means: The limit.}
  parent: {type: reference, refers_to: account, means: The parent.}
  places:
    type: list
    means: The places.
    items:
      code: {type: text, means: The code.}
""",
    "account/ownership.yaml": """\
entity: account
takes_part: {when: {stage: [open, won]}}
create:
  crm: always
  erp: {when: {stage: [won]}, needs: [name]}
fields:
  name: {decides: [erp, crm]}
  stage: {decides: crm}
  country: {decides: crm}
  phone: {shared: [crm, erp]}
  address: {decides: crm}
  terms: {decides: erp}
  limit: {decides: erp, per: company}
  parent: {decides: crm}
  places: {each: {key: code, decides: crm}}
cadence:
  - {fields: [limit], every: 5m, fresh_within: 15m}
  - {fields: rest, every: "0 2 * * *", fresh_within: 26h}
archive: {from: erp, to: crm}
""",
    "account/matching.yaml": """\
entity: account
levels:
  - {name: same name, fields: [name], then: ask, compare: {name: name}}
contradicts: [country]
""",
    "account/salesforce.yaml": """\
entity: account
kind: Account
archived: {at: Active__c, is: false}
fields:
  name: {at: Name, as: text}
  stage: {at: Stage, as: choice, with: {values: {Open: open, Won: won}}}
  country: {at: Country, as: country}
  phone: {at: Phone, as: phone, with: {region: country}}
  address: {at: {street: Street, city: City}, as: address}
  terms: {at: Terms, as: code, with: {table: terms}}
  limit: {at: Limit, as: money, with: {currency: EUR}, scope: 1}
  parent: {at: ParentId, as: reference}
  places: {at: Places, as: list, items: {code: {at: Code, as: text}}}
""",
    "account/tryton.yaml": """\
entity: account
kind: party
fields:
  name: {at: name, as: text}
""",
    "codes/terms.csv": """\
canonical,salesforce,means
net30,N30|Net 30,in a month
""",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    """The files, in a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return folder


def broken(file: str, old: str, new: str) -> dict[str, str]:
    """The sound book with one piece of one file replaced."""
    if old not in SOUND[file]:
        message = f"{old!r} is not in {file}"
        raise AssertionError(message)
    return {**SOUND, file: SOUND[file].replace(old, new, 1)}


def added(file: str, text: str) -> dict[str, str]:
    """The sound book with lines at the end of a file, or with one more file."""
    return {**SOUND, file: SOUND.get(file, "") + text}


def without(file: str) -> dict[str, str]:
    """The sound book without a file."""
    return {name: text for name, text in SOUND.items() if name != file}
